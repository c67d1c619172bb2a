import Analysis
import Index

/// Finds the queries of which a term has a beginning: a look-up for each length that a beginning with its first byte has.
struct BeginningTable: Sendable {
  /// By `termHash` of the beginning. Two that share one cost a question in vain.
  private var queries: [UInt32: [UInt64]] = [:]
  /// By first byte, ascending; empty until there is a beginning. What was removed leaves its length here.
  private var lengths: [[Int]] = []
  /// All, with how many queries have each.
  private var counts: [[UInt8]: Int] = [:]
  /// Of so few it is worth asking of each whether a mail may hold it, before the mail is taken apart.
  private static let fewCount = 256

  var isEmpty: Bool { queries.isEmpty }

  /// Whether a term of a record may have one of the beginnings.
  /// - Parameter set: of all its terms' beginnings; `nil` where nothing is known of them.
  func mayBeginTerm(in set: BeginningSet?) -> Bool {
    guard let set, counts.count <= Self.fewCount else { return !isEmpty }
    return counts.keys.contains { set.mayContain($0) }
  }

  /// - Parameter beginning: not empty.
  mutating func insert(_ beginning: [UInt8], of query: UInt64) {
    queries[termHash(beginning), default: []].append(query)
    counts[beginning, default: 0] += 1
    if lengths.isEmpty { lengths = [[Int]](repeating: [], count: 256) }
    let first = Int(beginning[0])
    if !lengths[first].contains(beginning.count) { lengths[first] = (lengths[first] + [beginning.count]).sorted() }
  }

  mutating func remove(_ beginning: [UInt8], of query: UInt64) {
    let hash = termHash(beginning)
    if let place = queries[hash]?.firstIndex(of: query) { queries[hash]?.remove(at: place) }
    if queries[hash]?.isEmpty == true { queries[hash] = nil }
    counts[beginning, default: 1] -= 1
    if counts[beginning] == 0 { counts[beginning] = nil }
  }

  /// Calls `body` with each query of which a beginning may begin the term; with some more than once.
  ///
  /// - Precondition: the table is not empty.
  func forEachQuery(of term: Span<UInt8>, _ body: (UInt64) -> Void) {
    for length in lengths[Int(term[0])] {
      if length > term.count { break }
      guard let found = queries[termHash(term.extracting(first: length))] else { continue }
      for query in found { body(query) }
    }
  }
}
