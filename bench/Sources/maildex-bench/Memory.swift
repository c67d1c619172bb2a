import Analysis
import ArgumentParser
import Bytes
import Index

/// What an index takes in memory with the limits of a server: opened, with a mailbox read, and when every query of the file
/// has been asked for its page and its number. The mailbox is the first query's.
///
/// `heap` is what is allocated, `rss` what is resident beyond the process's own start, `said` what the index counts of
/// loaded users (`loaded_bytes` of `maildex stats`). An idle user is one of the index who is not loaded.
struct Memory: ParsableCommand {
  @Option var queries: String
  @Option var dir: String
  @Flag var users = false

  func run() throws {
    let asked = try QueryBench.read(queries)
    let (ledger, analyzers) = (try Ledger.readUsers(dir), try AnalyzerSet.builtIn())
    func open() throws -> BenchIndex {
      try BenchIndex(dir, ledger, analyzers, hasUsers: users, options: IndexOptions())
    }
    let start = (heap: Meter.heapByteCount, resident: Meter.residentMegabytes)
    let bench = try open()
    guard let user = bench.user(asked.first?.user) else { throw ValidationError("\(queries) has no query of a user") }
    var figures: [String: Any] = ["open_heap_mb": Self.megabytes(Meter.heapByteCount - start.heap)]
    let beforeUser = Meter.heapByteCount
    figures["mails"] = try bench.snapshot(user).attributes.live.count
    figures["user_heap_mb"] = Self.megabytes(Meter.heapByteCount - beforeUser)
    figures["user_said_mb"] = Self.megabytes(bench.index.statistics().loadedByteCount)
    figures["user_rss_mb"] = rounded(Meter.residentMegabytes - start.resident)
    for query in asked {
      let prepared = try Prepared(query, bench)
      try prepared?.newest()
      try prepared?.count()
    }
    let statistics = bench.index.statistics()
    figures["loaded_users"] = statistics.loadedUsers
    figures["searched_heap_mb"] = Self.megabytes(Meter.heapByteCount - start.heap)
    figures["searched_said_mb"] = Self.megabytes(statistics.loadedByteCount)
    figures["searched_cache_mb"] = Self.megabytes(statistics.cacheByteCount)
    figures["searched_rss_mb"] = rounded(Meter.residentMegabytes - start.resident)
    figures["peak_rss_mb"] = rounded(Meter.peakMegabytes - start.resident)
    // What the process keeps for all indexes was made by the first one.
    let beforeIdle = Meter.heapByteCount
    let another = try open()
    let idle = Meter.heapByteCount - beforeIdle
    figures["users"] = another.index.statistics().users
    figures["idle_user_bytes"] = rounded(Double(idle) / Double(max(1, another.index.statistics().users)))
    try printJSON(figures)
  }

  private static func megabytes(_ byteCount: Int) -> Double { rounded(Double(byteCount) / 1_048_576) }
}
