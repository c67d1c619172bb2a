import Index

/// Stops where one iterator does, and lets through what another does not match.
final class ExclusionIterator: CheckedIterator {
  let excluded: DocumentIterator

  init(_ base: DocumentIterator, except excluded: DocumentIterator) {
    self.excluded = excluded
    super.init(base)
  }

  override var asksRecords: Bool { base.asksRecords || excluded.asksRecords }

  override func fill(_ window: inout OrdinalWindow) throws {
    var own = OrdinalWindow()
    own.reset(like: window)
    var scratch = own
    try fillFromBase(&own)
    try excluded.exclude(from: &own, &scratch)
    window.formUnion(own)
  }

  override func matches() throws -> Bool {
    try excluded.advance(to: ordinal)
    if excluded.ordinal == ordinal, try excluded.isExact || excluded.matches() { return false }
    return try baseMatches()
  }
}
