import Bytes
import Index

/// Stops where another iterator does, and lets through what is in all sets of one kind and in none of the other.
final class FilterIterator: CheckedIterator {
  private let docIDs: [UInt32]
  private(set) var required: [DocIDProbe]
  private(set) var excluded: [DocIDProbe]

  init(_ base: DocumentIterator, in docIDs: [UInt32], required: [DocIDBitmap], excluded: [DocIDBitmap]) {
    self.docIDs = docIDs
    self.required = required.map(DocIDProbe.init)
    self.excluded = excluded.map(DocIDProbe.init)
    super.init(base)
  }

  override func fill(_ window: inout OrdinalWindow) throws {
    var own = OrdinalWindow()
    own.reset(like: window)
    try fillFromBase(&own)
    own.filter { lets(through: $0) }
    window.formUnion(own)
  }

  override func matches() throws -> Bool { try lets(through: ordinal) && baseMatches() }

  private func lets(through ordinal: UInt32) -> Bool {
    let docID = DocID(rawValue: docIDs[Int(ordinal)])
    for index in required.indices where !required[index].contains(docID) { return false }
    for index in excluded.indices where excluded[index].contains(docID) { return false }
    return true
  }
}
