import Analysis
import ArgumentParser
import Foundation

/// Opens the index and runs one query, again and again; the caller drops the files from the page cache before each.
///
/// Opening is the manifest, header, footer and fences of each file; then the mailbox's attributes are read, and the first
/// page is searched. What a process makes once (analyzers) and what only the bench keeps (numbers of users) is outside.
struct Cold: ParsableCommand {
  @Option var queries: String
  @Option var dir: String
  @Option(name: .customShort("n")) var count = 10
  @Flag var users = false

  func run() throws {
    // Those that the peers are asked.
    let asked = try QueryBench.read(queries).filter { $0.kind == "mid" }
    if asked.isEmpty { throw ValidationError("\(queries) has no query of the kind mid") }
    let (ledger, analyzers) = (try Ledger.readUsers(dir), try AnalyzerSet.builtIn())
    var (all, opens, loads) = (Distribution(), Distribution(), Distribution())
    // Once unrecorded, for the process's own start.
    for round in 0...count {
      print("EVICT")
      fflush(nil)
      guard readLine() != nil else { break }
      let query = asked[round % asked.count]
      let began = ContinuousClock.now
      let bench = try BenchIndex(dir, ledger, analyzers, hasUsers: users)
      let opened = ContinuousClock.now
      if let user = bench.user(query.user) { _ = try bench.snapshot(user) }
      let loaded = ContinuousClock.now
      try Prepared(query, bench)?.newest()
      let done = ContinuousClock.now
      if round == 0 { continue }
      all.values.append((done - began).seconds * 1e3)
      opens.values.append((opened - began).seconds * 1e3)
      loads.values.append((loaded - opened).seconds * 1e3)
    }
    try printJSON([
      "open_and_first_ms": all.summary, "of_which_open_ms": opens.summary, "of_which_load_ms": loads.summary,
    ])
  }
}
