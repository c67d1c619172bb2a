import Bytes

/// The ordinals of a part whose documents are answered from it, for a part of which some are not: listed when first needed.
package final class LiveOrdinals: Sendable {
  package let documents: DocIDBitmap
  private let docIDs: [UInt32]
  private let memo = Memo<[UInt32]>()

  init(_ documents: DocIDBitmap, in docIDs: [UInt32]) {
    self.documents = documents
    self.docIDs = docIDs
  }

  /// Ascending.
  package var list: [UInt32] {
    memo.value {
      var probe = DocIDProbe(documents)
      var list: [UInt32] = []
      list.reserveCapacity(documents.count)
      for (ordinal, docID) in docIDs.enumerated() where probe.contains(DocID(rawValue: docID)) {
        list.append(UInt32(ordinal))
      }
      return list
    }
  }

  /// Memory that it keeps, roughly, the list included.
  var byteCount: Int { documents.byteCount + documents.count * 4 + 64 }
}
