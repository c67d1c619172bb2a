import Bytes
import Index

/// Walks documents in one order, by date. What a search pulls its hits from: here over bitmaps, later over postings.
protocol DocumentCursor {
  /// The next document, `nil` past the last one.
  mutating func next() -> DocumentKey?
}

enum DateDirection {
  case newestFirst
  case oldestFirst
}

/// Walks the order by date and skips what is not in the set: for sets that hold a good part of the mailbox.
struct OrderCursor: DocumentCursor {
  private let attributes: UserAttributes
  private let documents: DocIDBitmap
  private let direction: DateDirection
  private var range: Range<DatePosition>

  init(_ attributes: UserAttributes, _ documents: DocIDBitmap, _ range: Range<DatePosition>, _ direction: DateDirection)
  {
    self.attributes = attributes
    self.documents = documents
    self.range = range
    self.direction = direction
  }

  mutating func next() -> DocumentKey? {
    var lower = range.lowerBound
    var upper = range.upperBound
    defer { range = lower..<max(lower, upper) }
    while lower < upper {
      let docID = direction == .newestFirst ? attributes.previous(&upper) : attributes.next(&lower)
      guard let docID else { return nil }
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

/// A part of the time line: `lower <= key < upper`, open where `nil`.
struct DateWindow: Equatable {
  var lower: DocumentKey?
  var upper: DocumentKey?

  static let always = DateWindow()

  func contains(_ key: DocumentKey) -> Bool {
    if let lower, key < lower { return false }
    if let upper, key >= upper { return false }
    return true
  }

  func intersection(_ other: DateWindow) -> DateWindow {
    DateWindow(
      lower: [lower, other.lower].compactMap { $0 }.max(), upper: [upper, other.upper].compactMap { $0 }.min())
  }

  /// By binary search in the order.
  func range(in attributes: UserAttributes) -> Range<DatePosition> {
    let start = lower.map { attributes.position(of: $0) } ?? attributes.startPosition
    let end = upper.map { attributes.position(of: $0) } ?? attributes.endPosition
    return start..<max(start, end)
  }

  func cursor(
    over documents: DocIDBitmap, _ attributes: UserAttributes, _ direction: DateDirection
  ) -> any DocumentCursor {
    let range = range(in: attributes)
    // A look at one document of the order is about as dear as an eighth of sorting one.
    if documents.count * 8 >= attributes.count(in: range) {
      return OrderCursor(attributes, documents, range, direction)
    }
    var keys: [DocumentKey] = []
    documents.forEach { docID in
      let key = attributes.key(docID)
      if contains(key) { keys.append(key) }
    }
    keys.sort { direction == .newestFirst ? $0 > $1 : $0 < $1 }
    return SortedCursor(keys)
  }
}
