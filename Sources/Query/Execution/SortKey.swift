import Bytes
import Index

/// A hit's place in an order: a number or a text, and within equal ones the newest first. Which of the two counts, and
/// in which direction, is the sort order's.
struct SortKey: Equatable {
  /// The size, for orders by size; the score upside down, for relevance.
  var number: UInt64 = 0
  /// The folded text, for orders by sender or subject: the first bytes, see `ExtractedTextRecord`; what all pages share, for
  /// relevance: see `RelevanceBasis`.
  var text: [UInt8] = []
  var document: DocumentKey
}
