package import Bytes

/// When the documents of a user were received: of all attributes what the order of hits needs, cheap to hand around.
package struct ReceivedDates: Sendable {
  let column: ChunkedColumn<Int64>

  package func key(_ docID: DocID) -> DocumentKey {
    DocumentKey(receivedAt: Timestamp(rawValue: column[docID.rawValue]), docID: docID)
  }
}
