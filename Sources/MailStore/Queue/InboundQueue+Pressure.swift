package import Bytes

extension InboundQueue {
  /// How full the queue is, from 0 to 1, where `accept` refuses: by mails, or by the memory of their envelopes, whichever is
  /// more. That the oldest ready mail is old counts up to 0.85, so that it is seen and nobody is refused for it.
  package var pressure: Double {
    let now = clock.elapsed()
    return state.withLock { state in
      let depth = Double(state.queue.items.count + state.arriving) / Double(max(1, options.maxDepth))
      let envelopes =
        Double(state.queue.envelopeByteCount + state.arrivingEnvelopeBytes) / Double(max(1, options.envelopeByteLimit))
      let age = state.queue.oldestReadySince().map { (now - $0) / options.oldAge } ?? 0
      return max(0, min(1, max(depth, envelopes, min(Self.maxPressureOfAge, age))))
    }
  }

  private static let maxPressureOfAge = 0.85

  /// Counts and sizes. Cheap.
  package func statistics() -> QueueStatistics {
    let pressure = pressure
    return state.withLock { state in
      let counts = state.queue.counts
      let oldest = state.queue.oldestReceivedAt()
      return QueueStatistics(
        ready: counts.ready, leased: counts.leased, deferred: counts.deferred,
        readyByClass: QueueClass.allCases.map { (kind: $0, count: state.queue.readyCount(of: $0)) },
        oldestReceivedAt: oldest, attempts: counts.attempts, retries: counts.retries, expired: counts.expired,
        setAside: counts.setAside, heldByteCount: state.queue.heldByteCount,
        envelopeByteCount: state.queue.envelopeByteCount, pressure: pressure)
    }
  }
}

/// What a queue tells of itself, for metrics.
package struct QueueStatistics: Sendable {
  package let ready: Int
  package let leased: Int
  package let deferred: Int
  package let readyByClass: [(kind: QueueClass, count: Int)]
  /// When the mail came that is unfinished for longest; nil where none is.
  package let oldestReceivedAt: Timestamp?
  /// These four since the process started: times a mail was given to a worker, those that were not the mail's first, those from
  /// which the worker did not come back in time, and mails set aside.
  package let attempts: Int
  package let retries: Int
  package let expired: Int
  package let setAside: Int
  /// Of content in memory, and an estimate for envelopes.
  package let heldByteCount: Int
  package let envelopeByteCount: Int
  package let pressure: Double
}
