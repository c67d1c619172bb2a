import Bytes

/// The documents of many rare terms of one part together, in no order.
package struct GatheredPostings {
  private let part: SegmentPart
  private let fields: UInt16
  private var postings = PostingBlock.Postings()
  package private(set) var ordinals: [UInt32] = []

  package init(_ part: SegmentPart, _ fields: RecordFields) {
    self.part = part
    self.fields = fields.rawValue
  }

  /// - Returns: false for a term of more than one block, which is better walked by a cursor.
  package mutating func add(_ entry: TermEntry) throws -> Bool {
    guard entry.documentCount <= PostingBlock.limit else { return false }
    if case .lone(let posting) = entry.postings {
      if posting.mask & fields != 0 { ordinals.append(posting.ordinal) }
      return true
    }
    var blocks = try PostingBlocks(part, entry)
    guard try blocks.next() else { return true }
    try blocks.read(into: &postings)
    for index in 0..<postings.count where postings.masks[index] & fields != 0 {
      ordinals.append(postings.ordinals[index])
    }
    return true
  }
}
