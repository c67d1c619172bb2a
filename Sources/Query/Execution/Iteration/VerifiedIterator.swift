import Bytes

/// Stops where another iterator does, and asks the text records about what that lets through.
final class VerifiedIterator: DocumentIterator {
  private let base: DocumentIterator
  private let docIDs: [UInt32]
  private let verify: (DocID) throws -> Bool

  init(_ base: DocumentIterator, in docIDs: [UInt32], _ verify: @escaping (DocID) throws -> Bool) {
    self.base = base
    self.docIDs = docIDs
    self.verify = verify
    super.init(cost: base.cost, isExact: false)
    ordinal = base.ordinal
  }

  override func advance(to target: UInt32) throws {
    try base.advance(to: target)
    ordinal = base.ordinal
  }

  override func matches() throws -> Bool {
    try (base.isExact || base.matches()) && verify(DocID(rawValue: docIDs[Int(ordinal)]))
  }
}
