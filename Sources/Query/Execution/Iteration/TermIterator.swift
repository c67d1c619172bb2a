import Index

/// Walks the documents that hold a term.
final class TermIterator: DocumentIterator {
  private var cursor: PostingCursor

  init(_ cursor: consuming PostingCursor, count: Int) {
    // The cursor is moved, not copied: it holds a dozen references.
    let first = cursor.ordinal
    self.cursor = cursor
    super.init(cost: count, isExact: true)
    ordinal = first
  }

  override func advance(to target: UInt32) throws {
    guard ordinal < target else { return }
    try cursor.advance(to: target)
    ordinal = cursor.ordinal
  }

  override func fill(_ window: inout OrdinalWindow) throws {
    try cursor.fill(&window)
    ordinal = cursor.ordinal
  }

  override func quickCount(below end: UInt32) throws -> Int? {
    defer { ordinal = Self.end }
    return try cursor.count(below: end)
  }

  override func fieldsHere() throws -> RecordFields { try cursor.fieldsHere() }

  override func appendPositions(in field: RecordField, to positions: inout [UInt32]) throws {
    try cursor.appendPositions(in: field, to: &positions)
  }
}
