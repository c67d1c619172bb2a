/// Stops where one iterator does, and lets through what another does not match.
final class ExclusionIterator: DocumentIterator {
  private let base: DocumentIterator
  private let excluded: DocumentIterator

  init(_ base: DocumentIterator, except excluded: DocumentIterator) {
    self.base = base
    self.excluded = excluded
    super.init(cost: base.cost, isExact: false)
    ordinal = base.ordinal
  }

  override func advance(to target: UInt32) throws {
    try base.advance(to: target)
    ordinal = base.ordinal
  }

  override func matches() throws -> Bool {
    try excluded.advance(to: ordinal)
    if excluded.ordinal == ordinal, try excluded.isExact || excluded.matches() { return false }
    return try base.isExact || base.matches()
  }
}
