import Bytes
import Index

/// Walks hits in one order, by date.
protocol DocumentCursor {
  /// The next hit, `nil` past the last one.
  mutating func next() throws -> DocumentKey?
}

/// Walks the order by date, newest first, and skips what is not in the set: for sets that hold a good part of the mailbox.
struct OrderCursor: DocumentCursor {
  private let attributes: UserAttributes
  private let documents: DocIDBitmap
  private let start: DatePosition
  private var position: DatePosition

  init(_ attributes: UserAttributes, _ documents: DocIDBitmap, _ range: Range<DatePosition>) {
    self.attributes = attributes
    self.documents = documents
    start = range.lowerBound
    position = range.upperBound
  }

  mutating func next() -> DocumentKey? {
    while position > start, let docID = attributes.previous(&position) {
      if documents.contains(docID) { return attributes.key(docID) }
    }
    return nil
  }
}

/// The same from the oldest on.
struct AscendingCursor: DocumentCursor {
  private let attributes: UserAttributes
  private let documents: DocIDBitmap
  private let end: DatePosition
  private var position: DatePosition

  init(_ attributes: UserAttributes, _ documents: DocIDBitmap, _ range: Range<DatePosition>) {
    self.attributes = attributes
    self.documents = documents
    end = range.upperBound
    position = range.lowerBound
  }

  mutating func next() -> DocumentKey? {
    while position < end, let docID = attributes.next(&position) {
      if documents.contains(docID) { return attributes.key(docID) }
    }
    return nil
  }
}

/// Walks a sorted list: for sets that hold few documents.
struct SortedCursor: DocumentCursor {
  private let keys: [DocumentKey]
  private var index = 0

  init(_ keys: [DocumentKey]) { self.keys = keys }

  mutating func next() -> DocumentKey? {
    guard index < keys.count else { return nil }
    defer { index += 1 }
    return keys[index]
  }
}
