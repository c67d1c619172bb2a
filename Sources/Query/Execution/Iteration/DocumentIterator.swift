import Index

/// Walks the documents of a slice that may match, ascending by ordinal, which is newest first; and tells of the one it stands
/// on whether it does. In two steps, so that what is dear to find out is asked only of documents that all else lets through
/// (as Lucene's TwoPhaseIterator does).
///
/// An iterator belongs to one search on one thread and is never entered twice: its properties go without the check of
/// exclusive access, which took a tenth of a phrase search.
class DocumentIterator {
  /// The ordinal past the last document.
  static let end = UInt32.max

  /// Where the iterator stands; `end` past the last document.
  final var ordinal = DocumentIterator.end
  /// Documents that it may stop at, roughly.
  final let cost: Int
  /// Whether all that it stops at match.
  final let isExact: Bool

  init(cost: Int, isExact: Bool) {
    self.cost = cost
    self.isExact = isExact
  }

  /// Whether `matches` may read a text record, which is dear, and which a document that is no more need not have.
  var asksRecords: Bool { false }

  /// To the first document at or after `target` that may match; never back.
  func advance(to target: UInt32) throws { preconditionFailure("to be overridden") }

  /// Whether the document here matches.
  func matches() throws -> Bool { true }

  /// Adds to a window what matches from here on, and moves behind the window. The iterator stands in the window or behind it.
  ///
  /// Dead documents are asked too, and dear questions before cheap ones: not of iterators that ask records.
  func fill(_ window: inout OrdinalWindow) throws {
    while ordinal < window.end {
      if try isExact || matches() { window.insert(ordinal) }
      try advance(to: ordinal + 1)
    }
  }

  /// Keeps of a window what matches. The iterator stands at or before the first of them, and may move up to the last.
  /// - Parameter scratch: to be used for what it likes.
  final func narrow(_ window: inout OrdinalWindow, _ scratch: inout OrdinalWindow) throws {
    if isWorthFilling(window) {
      scratch.reset(like: window)
      try advance(to: window.start)
      try fill(&scratch)
      window.formIntersection(scratch)
    } else {
      try window.filter { try stands(at: $0) }
    }
  }

  /// Takes from a window what matches; else as `narrow`.
  final func exclude(from window: inout OrdinalWindow, _ scratch: inout OrdinalWindow) throws {
    if isWorthFilling(window) {
      scratch.reset(like: window)
      try advance(to: window.start)
      try fill(&scratch)
      window.subtract(scratch)
    } else {
      try window.filter { try !stands(at: $0) }
    }
  }

  /// Whether the document there matches.
  private func stands(at ordinal: UInt32) throws -> Bool {
    try advance(to: ordinal)
    return try self.ordinal == ordinal && (isExact || matches())
  }

  /// Whether filling a window is cheaper than leaping to each that is in this one: a leap costs as much as some eight of one
  /// list, and what is not exact is dear to ask.
  private func isWorthFilling(_ window: OrdinalWindow) -> Bool {
    guard isExact else { return false }
    return cost < window.count * 8 * max(1, window.sliceCount / Int(OrdinalWindow.limit))
  }

  /// How many documents from here on and below `end` match, where that can be told without going to each; the iterator is
  /// used up then.
  func quickCount(below end: UInt32) throws -> Int? { nil }

  /// How many documents match in all, wherever the iterator stands, where that can be told without going to each.
  func total() throws -> Int? { nil }

  /// The fields of the document here that hold the word: of iterators over words.
  func fieldsHere() throws -> RecordFields { preconditionFailure("to be overridden") }

  /// How often the word stands in a field of the document here: of iterators over words.
  func occurrenceCount(in field: RecordField) throws -> Int { preconditionFailure("to be overridden") }

  /// Where the word stands in a field of the document here, ascending: of iterators over words.
  func appendPositions(in field: RecordField, to positions: inout PositionList) throws {
    preconditionFailure("to be overridden")
  }
}

/// Stops nowhere.
final class EmptyIterator: DocumentIterator {
  init() { super.init(cost: 0, isExact: true) }

  override func advance(to target: UInt32) {}
}

/// Stops at every document.
final class AllIterator: DocumentIterator {
  private let count: UInt32

  init(count: Int) {
    self.count = UInt32(count)
    super.init(cost: count, isExact: true)
    ordinal = count > 0 ? 0 : Self.end
  }

  override func advance(to target: UInt32) {
    if ordinal < target { ordinal = target < count ? target : Self.end }
  }
}
