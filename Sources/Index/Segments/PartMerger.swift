import Bytes

/// Makes one part of several parts of one user: their terms merged, the documents that are wanted no more left out, and
/// the ordinals given anew.
struct PartMerger {
  private let parts: [SegmentPart]
  /// The documents that stay, newest first.
  private let docIDs: [UInt32]
  /// For each part, the new ordinal of each of its ordinals; `UInt32.max` for a document that goes.
  private let ordinals: [[UInt32]]

  /// - Parameters:
  ///   - parts: of one user, with no document in two of them.
  ///   - keys: the documents that stay, in any order, with their places in time.
  init(_ parts: [SegmentPart], keeping keys: [DocumentKey]) {
    self.parts = parts
    let present = DocIDBitmap(unordered: parts.flatMap(\.head.docIDs))
    docIDs = keys.filter { present.contains($0.docID) }.sorted { $0 > $1 }.map(\.docID.rawValue)
    let places = Dictionary(uniqueKeysWithValues: docIDs.enumerated().map { ($1, UInt32($0)) })
    ordinals = parts.map { part in part.head.docIDs.map { places[$0] ?? .max } }
  }

  var isEmpty: Bool { docIDs.isEmpty }

  /// - Parameter throttle: told of the postings written; may sleep, and may throw to stop.
  func write(of user: UserID, to writer: inout SegmentWriter, throttle: (_ work: Int) throws -> Void) throws {
    writer.beginPart(of: user, docIDs: docIDs)
    var sources = try parts.map { try PartTerms($0) }
    while let term = sources.filter({ $0.entry != nil }).map(\.term).min(by: { $0.precedes($1) }) {
      var merged = TermPostings()
      for index in sources.indices {
        guard let entry = sources[index].entry, sources[index].term == term else { continue }
        try append(entry, of: index, to: &merged)
        try sources[index].next()
      }
      if merged.isEmpty { continue }
      if !merged.isAscending { merged = merged.sorted() }
      guard merged.isAscending else {
        throw IndexError(code: .corrupt, message: "a document of user \(user) is in two parts of segments")
      }
      try writer.append(term, merged)
      try throttle(merged.count)
    }
    try writer.endPart(columns(), truncated: truncated())
  }

  private func columns() throws -> ColumnBuilder {
    var columns = ColumnBuilder(count: docIDs.count)
    for index in parts.indices { try columns.merge(parts[index], ordinals: ordinals[index]) }
    return columns
  }

  private func truncated() -> [UInt32] {
    parts.indices.flatMap { part in
      parts[part].truncated.map { ordinals[part][Int($0)] }.filter { $0 != .max }
    }.sorted()
  }

  private func append(_ entry: TermEntry, of part: Int, to merged: inout TermPostings) throws {
    var cursor = try parts[part].postings(of: entry)
    while cursor.ordinal != PostingCursor.end {
      let place = ordinals[part][Int(cursor.ordinal)]
      if place != .max {
        let (counts, positions) = try cursor.allOccurrences()
        merged.append(place, mask: try cursor.mask(), counts: counts, positions: positions)
      }
      try cursor.next()
    }
  }
}
