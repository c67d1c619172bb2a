import Bytes

/// Finished items of which other workers still hold leases that have expired. Such a worker may yet deliver the mail; so
/// nobody is told that the item is finished, and who already has it is not forgotten, before the worker has come back.
final class LateLeases: Sendable {
  private struct Wait {
    var leases: Set<UInt64>
    /// Once its record is durable.
    var finished: QueueLog.Finished?
  }

  private let waits = Locked<[QueueItemID: Wait]>([:])
  private let tell: @Sendable ([QueueLog.Finished]) -> Void

  /// - Parameter tell: called with items that are durably finished and have no lease left.
  init(tell: @escaping @Sendable ([QueueLog.Finished]) -> Void) { self.tell = tell }

  /// Before the item's record can be durable.
  func wait(for leases: Set<UInt64>, of id: QueueItemID) {
    if !leases.isEmpty { waits.withLock { $0[id] = Wait(leases: leases) } }
  }

  /// The records of these items are durable.
  func didFinish(_ finished: [QueueLog.Finished]) {
    let ready = waits.withLock { waits in
      finished.filter { finished in
        waits[finished.item.id]?.finished = finished
        return waits[finished.item.id] == nil
      }
    }
    if !ready.isEmpty { tell(ready) }
  }

  /// The worker has come back.
  func end(_ lease: UInt64, of id: QueueItemID) {
    let finished = waits.withLock { waits -> QueueLog.Finished? in
      waits[id]?.leases.remove(lease)
      guard let wait = waits[id], wait.leases.isEmpty else { return nil }
      waits[id] = nil
      return wait.finished
    }
    if let finished { tell([finished]) }
  }
}
