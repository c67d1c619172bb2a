import Bytes

/// The documents of many rare terms of one part together.
package struct GatheredPostings {
  private static let listLimit = 64

  private let part: SegmentPart
  private let fields: UInt16
  private var postings = PostingBlock.Postings()
  private var page = PostingBlocks.Page()
  private var list: [UInt32] = []
  /// A bit for each ordinal, once there are more than a list should hold.
  private var bits: [UInt64] = []

  package init(_ part: SegmentPart, _ fields: RecordFields) {
    self.part = part
    self.fields = fields.rawValue
  }

  /// The ordinals, ascending, where they are few; `nil` where there is none or they are many.
  package var few: [UInt32]? { bits.isEmpty && !list.isEmpty ? Array(Set(list)).sorted() : nil }
  /// The ordinals as bits, where they are many.
  package var many: [UInt64]? { bits.isEmpty ? nil : bits }

  /// - Returns: false for a term of more than one block, which is better walked by a cursor as long as there are few such.
  package mutating func add(_ entry: TermEntry) throws -> Bool {
    guard entry.documentCount <= PostingBlock.limit else { return false }
    if case .lone(let posting) = entry.postings {
      if posting.mask & fields != 0 { insert(posting.ordinal) }
      return true
    }
    var blocks = try PostingBlocks(part, entry, page: page)
    guard try blocks.next() else { return true }
    try blocks.read(into: &postings)
    page = blocks.page
    for index in 0..<postings.count where postings.masks[index] & fields != 0 { insert(postings.ordinals[index]) }
    return true
  }

  /// Gathers a term of however many blocks.
  package mutating func addAll(_ entry: TermEntry) throws {
    if try add(entry) { return }
    var cursor = try PostingCursor(part, entry, fields: fields)
    while cursor.ordinal != PostingCursor.end {
      insert(cursor.ordinal)
      try cursor.next()
    }
  }

  private mutating func insert(_ ordinal: UInt32) {
    if bits.isEmpty {
      list.append(ordinal)
      guard list.count > Self.listLimit else { return }
      bits = [UInt64](repeating: 0, count: (part.documentCount + 63) / 64)
      for ordinal in list { bits[Int(ordinal >> 6)] |= 1 << UInt64(ordinal & 63) }
    } else {
      bits[Int(ordinal >> 6)] |= 1 << UInt64(ordinal & 63)
    }
  }
}
