import Index

/// Stops where another iterator does, and lets through what passes a check besides: what filters, exclusions and verification
/// have in common.
class CheckedIterator: DocumentIterator {
  let base: DocumentIterator

  init(_ base: DocumentIterator) {
    self.base = base
    super.init(cost: base.cost, isExact: false)
    ordinal = base.ordinal
  }

  override var asksRecords: Bool { base.asksRecords }

  final override func advance(to target: UInt32) throws {
    try base.advance(to: target)
    ordinal = base.ordinal
  }

  /// What the other iterator matches of a window, to be checked; moves behind it.
  final func fillFromBase(_ window: inout OrdinalWindow) throws {
    try base.fill(&window)
    ordinal = base.ordinal
  }

  /// Whether the document here matches as far as the other iterator knows.
  final func baseMatches() throws -> Bool { try base.isExact || base.matches() }
}
