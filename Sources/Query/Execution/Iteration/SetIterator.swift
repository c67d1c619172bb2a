import Bytes
import Index

/// Walks the documents of a slice that are in a set, looking at each: for sets that hold a good part of them.
final class SetIterator: DocumentIterator {
  private let docIDs: [UInt32]
  private let documents: DocIDBitmap

  init(_ documents: DocIDBitmap, in docIDs: [UInt32]) {
    self.docIDs = docIDs
    self.documents = documents
    super.init(cost: min(documents.count, docIDs.count), isExact: true)
    find(from: 0)
  }

  override func advance(to target: UInt32) {
    if ordinal < target { find(from: target) }
  }

  private func find(from target: UInt32) {
    var index = Int(target)
    while index < docIDs.count, !documents.contains(DocID(rawValue: docIDs[index])) { index += 1 }
    ordinal = index < docIDs.count ? UInt32(index) : Self.end
  }
}

/// Walks a list of ordinals.
final class ListIterator: DocumentIterator {
  private let ordinals: [UInt32]
  private var index = 0

  /// - Parameter ordinals: ascending.
  init(_ ordinals: [UInt32]) {
    self.ordinals = ordinals
    super.init(cost: ordinals.count, isExact: true)
    ordinal = ordinals.first ?? Self.end
  }

  override func advance(to target: UInt32) {
    while ordinal < target {
      index += 1
      ordinal = index < ordinals.count ? ordinals[index] : Self.end
    }
  }
}
