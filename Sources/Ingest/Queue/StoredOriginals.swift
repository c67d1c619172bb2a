import Bytes
import MailStore

/// Where the originals of spooled mails lie that were stored by a try that then failed, so that the next one stores none.
final class StoredOriginals: Sendable {
  private let references = Locked<[QueueItemID: BlobReference]>([:])

  func reference(of item: QueueItemID) -> BlobReference? { references.withLock { $0[item] } }

  func note(_ item: QueueItemID, _ reference: BlobReference) { references.withLock { $0[item] = reference } }

  func forget(_ item: QueueItemID) { references.withLock { $0[item] = nil } }
}
