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
    let present = DocIDBitmap(unordered: parts.flatMap(\.head.docIDs))
    let docIDs = keys.filter { present.contains($0.docID) }.sorted { $0 > $1 }.map(\.docID.rawValue)
    let places = Dictionary(uniqueKeysWithValues: docIDs.enumerated().map { ($1, UInt32($0)) })
    // The part with the newest document first: of a mailbox that was stored by date, ordinals ascend from part to part then.
    let sources = parts.map { part in (part: part, ordinals: part.head.docIDs.map { places[$0] ?? .max }) }
      .sorted { ($0.ordinals.min() ?? .max) < ($1.ordinals.min() ?? .max) }
    self.parts = sources.map(\.part)
    self.docIDs = docIDs
    ordinals = sources.map(\.ordinals)
  }

  var isEmpty: Bool { docIDs.isEmpty }

  /// - Parameter throttle: told of the postings written; may sleep, and may throw to stop.
  func write(of user: UserID, to writer: inout SegmentWriter, throttle: (_ work: Int) throws -> Void) throws {
    writer.beginPart(of: user, docIDs: docIDs)
    var terms = try MergedTerms(parts)
    var (merged, read) = (TermPostings(), TermPostings())
    while try terms.next() {
      if terms.holders.count == 1, case .lone(let lone)? = terms.entry(of: terms.holders[0])?.postings {
        let place = ordinals[terms.holders[0]][Int(lone.ordinal)]
        try check(lone, in: parts[terms.holders[0]])
        if place != .max { writer.append(terms.term, lone.moved(to: place)) }
        try throttle(1)
        continue
      }
      try gather(&terms, into: &merged, through: &read)
      try throttle(max(merged.count, read.count))
      if merged.isEmpty { continue }
      if !merged.isAscending { merged = merged.sorted() }
      guard merged.isAscending else {
        throw IndexError(code: .corrupt, message: "a document of user \(user) is in two parts of segments")
      }
      try writer.append(terms.term, merged)
    }
    try writer.endPart(columns(), truncated: truncated())
  }

  /// All postings of the term here, by part.
  private func gather(
    _ terms: inout MergedTerms, into merged: inout TermPostings, through read: inout TermPostings
  ) throws {
    merged.removeAll()
    for holder in terms.holders {
      guard let entry = terms.entry(of: holder) else { continue }
      if case .lone(let lone) = entry.postings {
        let place = ordinals[holder][Int(lone.ordinal)]
        try check(lone, in: parts[holder])
        if place == .max { continue }
        try parts[holder].decoding(at: parts[holder].fence.dictionaryOffset) { () throws(DecodingError) in
          try merged.append(lone, as: place)
        }
      } else {
        read.removeAll()
        try terms.readList(of: holder, entry, into: &read)
        guard read.isInRange else {
          throw IndexError.corrupt(
            parts[holder].segment.path, at: parts[holder].fence.offset, "a posting list out of range")
        }
        merged.append(read, as: ordinals[holder])
      }
    }
  }

  /// What a search would refuse does not get a new checksum.
  private func check(_ lone: LonePosting, in part: SegmentPart) throws {
    try part.decoding(at: part.fence.dictionaryOffset) { () throws(DecodingError) in try lone.forEach { _, _ in } }
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
}
