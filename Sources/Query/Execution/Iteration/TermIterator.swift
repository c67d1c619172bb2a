import Index

/// Walks the documents that hold a term.
final class TermIterator: DocumentIterator {
  private var cursor: PostingCursor

  // The cursor is made in its place: a copy of it is a dozen references counted.

  /// Of a word, in some of the fields.
  init(_ part: SegmentPart, _ entry: TermEntry, in fields: RecordFields) throws {
    cursor = try part.postings(of: entry, in: fields)
    super.init(cost: entry.documentCount, isExact: true)
    ordinal = cursor.ordinal
  }

  /// Of a `Message-ID:`.
  init(_ part: SegmentPart, ofMessageID entry: TermEntry) throws {
    cursor = try part.postings(ofMessageID: entry)
    super.init(cost: entry.documentCount, isExact: true)
    ordinal = cursor.ordinal
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

  override func total() throws -> Int? { try cursor.total() }

  override func fieldsHere() throws -> RecordFields { try cursor.fieldsHere() }

  override func occurrenceCount(in field: RecordField) throws -> Int { try cursor.occurrenceCount(in: field) }

  override func appendPositions(in field: RecordField, to positions: inout PositionList) throws {
    try cursor.appendPositions(in: field, to: &positions)
  }
}
