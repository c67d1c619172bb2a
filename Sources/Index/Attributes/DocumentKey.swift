package import Bytes

/// A document's place in time: by received date, then by docID. The default order of answers is this one, descending.
package struct DocumentKey: Hashable, Sendable, Comparable {
  package let receivedAt: Timestamp
  package let docID: DocID

  package init(receivedAt: Timestamp, docID: DocID) {
    self.receivedAt = receivedAt
    self.docID = docID
  }

  package static func < (left: Self, right: Self) -> Bool {
    left.receivedAt == right.receivedAt ? left.docID < right.docID : left.receivedAt < right.receivedAt
  }
}
