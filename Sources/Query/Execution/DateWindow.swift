import Bytes
import Index

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
    var both = self
    if let lower = other.lower { both.lower = max(lower, self.lower ?? lower) }
    if let upper = other.upper { both.upper = min(upper, self.upper ?? upper) }
    return both
  }

  /// By binary search in the order.
  func range(in attributes: UserAttributes) -> Range<DatePosition> {
    let start = lower.map { attributes.position(of: $0) } ?? attributes.startPosition
    let end = upper.map { attributes.position(of: $0) } ?? attributes.endPosition
    return start..<max(start, end)
  }

  /// The documents of a set, newest first.
  func cursor(over documents: DocIDBitmap, _ attributes: UserAttributes) -> any DocumentCursor {
    let range = range(in: attributes)
    // A look at one document of the order is about as dear as an eighth of sorting one.
    if documents.count * 8 >= attributes.count(in: range) { return OrderCursor(attributes, documents, range) }
    let keys = documents.docIDs.map(attributes.key).filter(contains)
    return SortedCursor(keys.sorted(by: >))
  }

  /// The documents of a set, oldest first.
  func ascendingCursor(over documents: DocIDBitmap, _ attributes: UserAttributes) -> any DocumentCursor {
    let range = range(in: attributes)
    if documents.count * 8 >= attributes.count(in: range) { return AscendingCursor(attributes, documents, range) }
    return SortedCursor(documents.docIDs.map(attributes.key).filter(contains).sorted())
  }

  /// The ordinals of a slice that lie in the window, by binary search.
  func ordinals(of slice: Slice, _ dates: ReceivedDates) -> Range<UInt32> {
    let start = upper.map { slice.ordinal(before: $0, dates) } ?? 0
    let end = lower.map { slice.ordinal(before: $0, dates) } ?? UInt32(slice.docIDs.count)
    return start..<max(start, end)
  }
}
