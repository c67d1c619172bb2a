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
      var merged: [(ordinal: UInt32, mask: UInt16)] = []
      for index in sources.indices {
        guard let entry = sources[index].entry, sources[index].term == term else { continue }
        try append(entry, of: index, to: &merged)
        try sources[index].next()
      }
      if merged.isEmpty { continue }
      if zip(merged, merged.dropFirst()).contains(where: { $0.ordinal > $1.ordinal }) {
        merged.sort { $0.ordinal < $1.ordinal }
      }
      guard zip(merged, merged.dropFirst()).allSatisfy({ $0.ordinal < $1.ordinal }) else {
        throw IndexError(code: .corrupt, message: "a document of user \(user) is in two parts of segments")
      }
      try writer.append(term, merged.map(\.ordinal), merged.map(\.mask))
      try throttle(merged.count)
    }
    try writer.endPart()
  }

  private func append(
    _ entry: TermEntry, of part: Int, to merged: inout [(ordinal: UInt32, mask: UInt16)]
  ) throws {
    var cursor = try parts[part].postings(of: entry)
    while let ordinal = cursor.ordinal {
      let place = ordinals[part][Int(ordinal)]
      if place != .max { merged.append((place, cursor.mask)) }
      try cursor.next()
    }
  }
}
