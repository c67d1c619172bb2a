import Analysis

/// In how many of a user's documents a term stands: those in segments and those in memory, removed ones too. What lies in runs alone,
/// which is for some seconds between the two, is not counted.
package struct UserTerms: Sendable {
  let parts: [SegmentPart]
  let arenas: [UserArena]

  /// All that are told of.
  package var documentCount: Int {
    parts.reduce(arenas.reduce(0) { $0 + $1.count }) { $0 + $1.documentCount }
  }

  /// - Parameter fields: where the term stands in documents of segments; in those in memory it may stand anywhere.
  /// - Throws: `IndexError`; `FileError`.
  package func documentCount(of term: [UInt8], in fields: RecordFields) throws -> Int {
    var count = 0
    for part in parts {
      guard let entry = try part.entry(of: term) else { continue }
      var cursor = try part.postings(of: entry, in: fields)
      count += try cursor.count(below: PostingCursor.end)
    }
    for arena in arenas { arena.forEach(holding: termHash(term)) { _ in count += 1 } }
    return count
  }
}
