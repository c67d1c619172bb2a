import ArgumentParser
import Bytes
import Foundation
import Query

/// Asks each query again and again: parsed once, warm, the newest twenty only; then for its exact number of hits.
struct QueryBench: ParsableCommand {
  static let configuration = CommandConfiguration(commandName: "query")

  @Option var queries: String
  @Option var dir: String
  @Option var passes = 20
  @Option var budget = 60.0
  @Option var totals: String?
  @Flag var users = false
  @Flag(help: "Ask for pages only, not for numbers: for a profile of what a page costs.") var pages = false

  func run() throws {
    let all = try Self.read(queries)
    let bench = try BenchIndex(dir, hasUsers: users)
    let prepared = try all.map { try Prepared($0, bench) }
    if let totals { try answers(all, prepared, bench).write(to: URL(fileURLWithPath: totals)) }
    var results: [String: Any] = [:]
    let kinds = all.reduce(into: [String]()) { if !$0.contains($1.kind) { $0.append($1.kind) } }
    for kind in kinds {
      let own = zip(all, prepared).filter { $0.0.kind == kind }.compactMap(\.1)
      if !own.isEmpty { results[kind] = try measure(own, kind, share: budget / Double(kinds.count)) }
    }
    if !pages {
      let nothing = try Prepared(AskedQuery(kind: "empty", maildex: "\"zqnothing\"", user: all.first?.user), bench)
      results["empty"] = try nothing.map { try measure([$0], "empty", share: 0.2) }
    }
    results["rss_mb"] = rounded(Meter.residentMegabytes)
    try printJSON(results)
  }

  static func read(_ path: String) throws -> [AskedQuery] {
    struct File: Decodable { let queries: [AskedQuery] }
    return try JSONDecoder().decode(File.self, from: Data(contentsOf: URL(fileURLWithPath: path))).queries
  }

  private func answers(_ all: [AskedQuery], _ prepared: [Prepared?], _ bench: BenchIndex) throws -> Data {
    let rows: [[Any]] = try zip(all, prepared).map { query, prepared in
      guard let prepared else { return [query.kind, NSNull(), NSNull()] }
      let (total, ranks) = try prepared.answer()
      let row: [Any] = [query.kind, total, ranks]
      if query.facet == nil { return row }
      return row + [try prepared.facet()]
    }
    return try JSONSerialization.data(withJSONObject: rows)
  }

  private func measure(_ queries: [Prepared], _ kind: String, share: Double) throws -> [String: Any] {
    let isCount = kind == "count"
    var (newest, counts) = (
      [[Double]](repeating: [], count: queries.count), [[Double]](repeating: [], count: queries.count)
    )
    let start = ContinuousClock.now
    var passes = 0
    while passes < 3 || passes < self.passes && (ContinuousClock.now - start).seconds < share {
      for (index, query) in queries.enumerated() {
        if !isCount { newest[index].append(try Self.microseconds { try query.newest() }) }
        if !pages { counts[index].append(try Self.microseconds { try query.count() }) }
      }
      passes += 1
    }
    func summary(_ samples: [[Double]]) -> [String: Any] {
      Distribution(values: samples.map { Distribution.median($0) }).summary
    }
    var result = summary(isCount ? counts : newest)
    result["exact_count"] = summary(counts)
    result["passes"] = passes
    return result
  }

  private static func microseconds(_ body: () throws -> Void) rethrows -> Double {
    let start = ContinuousClock.now
    try body()
    return (ContinuousClock.now - start).seconds * 1e6
  }
}

/// One query of the file; see bench/rigs/queries.py.
struct AskedQuery: Decodable {
  var kind: String
  var maildex: String
  var user: String?
  var offset: Int?
  var engines: [String]?
  var facet: String?
}

/// A query ready to run.
struct Prepared {
  private let bench: BenchIndex
  private let query: AnalyzedQuery
  private let user: UserID
  private let offset: Int
  private let facets: FacetRequest
  /// Of the page before the one that is asked for: a page far down costs a reader of ours what the first one does.
  private let cursor: String?

  /// - Returns: `nil` for what cannot be asked.
  init?(_ query: AskedQuery, _ bench: BenchIndex) throws {
    let facet = query.facet.map(FacetName.init(rawValue:))
    guard facet != .some(nil), let user = bench.user(query.user) else { return nil }
    facets = FacetRequest([facet ?? nil].compactMap { $0 }, limit: FacetRequest.maxLimit)
    self.bench = bench
    self.user = user
    self.query = try AnalyzedQuery(parseQuery(query.maildex).root, bench.analyzers)
    offset = query.offset ?? 0
    cursor = try offset > 0 ? Self.cursor(behind: offset, self.query, user, bench) : nil
  }

  private static func cursor(
    behind offset: Int, _ query: AnalyzedQuery, _ user: UserID, _ bench: BenchIndex
  ) throws -> String? {
    var cursor: String?
    for start in stride(from: 0, to: offset, by: 500) {
      let limit = min(500, offset - start)
      cursor = try bench.search(query, user, limit: limit, cursor: cursor, wantsCursor: true).nextCursor
    }
    return cursor
  }

  /// With the counts by month where those are asked for.
  func newest() throws { _ = try bench.search(query, user, cursor: cursor, facets: facets) }
  func count() throws { _ = try bench.search(query, user, limit: 1, wantsTotal: true) }

  /// Values with their counts, as the peers give them: by value.
  func facet() throws -> [[Any]] {
    let values = try bench.search(query, user, facets: facets).facets.first?.values ?? []
    return values.sorted { $0.value < $1.value }.map { [$0.value, $0.count] }
  }

  func answer() throws -> (total: Int, ranks: [Int]) {
    let result = try bench.search(query, user, cursor: cursor, wantsTotal: true)
    // A mailbox that ends before the page has no cursor for it.
    let isBeyondEnd = offset > 0 && cursor == nil
    return (result.total ?? 0, isBeyondEnd ? [] : result.documents.map { bench.rank($0, of: user) })
  }
}
