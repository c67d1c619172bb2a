import Bytes

/// Stops where another iterator does, and asks the text records about what that lets through.
final class VerifiedIterator: CheckedIterator {
  private let docIDs: [UInt32]
  private let verify: (DocID) throws -> Bool

  init(_ base: DocumentIterator, in docIDs: [UInt32], _ verify: @escaping (DocID) throws -> Bool) {
    self.docIDs = docIDs
    self.verify = verify
    super.init(base)
  }

  override var asksRecords: Bool { true }

  override func matches() throws -> Bool {
    try baseMatches() && verify(DocID(rawValue: docIDs[Int(ordinal)]))
  }
}
