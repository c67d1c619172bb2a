import ArgumentParser
import Foundation

/// Opens the index and runs one query, again and again; the caller drops the files from the page cache before each.
struct Cold: ParsableCommand {
  @Option var queries: String
  @Option var dir: String
  @Option(name: .customShort("n")) var count = 10
  @Flag var users = false

  func run() throws {
    let asked = try QueryBench.read(queries)
    var (all, opens) = (Distribution(), Distribution())
    // Once unrecorded, for the process's own start.
    for round in 0...count {
      print("EVICT")
      fflush(nil)
      guard readLine() != nil else { break }
      let began = ContinuousClock.now
      let bench = try BenchIndex(dir, hasUsers: users)
      let opened = ContinuousClock.now
      try Prepared(asked[round % asked.count], bench)?.newest()
      let done = ContinuousClock.now
      if round == 0 { continue }
      all.values.append((done - began).seconds * 1e3)
      opens.values.append((opened - began).seconds * 1e3)
    }
    try printJSON(["open_and_first_ms": all.summary, "of_which_open_ms": opens.summary])
  }
}
