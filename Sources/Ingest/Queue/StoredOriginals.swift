import Bytes
import MailStore

/// Where the originals of spooled mails lie that were stored by a try that then failed, so that the next one stores none. They are
/// held until the item is done: no row names them yet.
final class StoredOriginals: Sendable {
  private let originals = Locked<[QueueItemID: (reference: BlobReference, hold: PackHold)]>([:])

  func reference(of item: QueueItemID) -> BlobReference? { originals.withLock { $0[item]?.reference } }

  func note(_ item: QueueItemID, _ reference: BlobReference, _ hold: PackHold) {
    originals.withLock { $0[item] = (reference, hold) }
  }

  func forget(_ item: QueueItemID) { originals.withLock { $0.removeValue(forKey: item)?.hold }?.release() }
}
