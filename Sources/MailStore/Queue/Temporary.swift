package import Bytes
extension InboundQueue {
  package func item(_ id: QueueItemID) -> QueueItemSummary? { items().first { $0.id == id } }
  package func content(ofItem id: QueueItemID) async throws -> [UInt8] { [] }
  package func retryNow(_ ids: [QueueItemID]?) -> Int { 0 }
  package func take(_ id: QueueItemID) -> QueueLease? { nil }
}
extension QueueItemSummary {
  package var byteCount: UInt64 { 0 }
  package var nextTry: Timestamp? { nil }
}
