import Bytes
import HTTPAPI
import Ingest
import MailStore

/// Queues as an obvious array: what the operators' routes are tested against.
final class InMemoryQueues: QueueService {
  let waiting = Locked<[QueuedMail]>([])
  /// Numbers of mails that were released.
  let released = Locked<[UInt64]>([])
  let retries = Locked<[UInt64: QueueRetry]>([:])

  @discardableResult
  func add(_ number: UInt64, to queue: MailQueue, verdict: MailVerdict? = nil) -> QueuedMail {
    let isHeld = queue == .error
    let mail = QueuedMail(
      queue: queue, id: QueueItemID(rawValue: number), receivedAt: Timestamp(rawValue: 1_714_555_800_000),
      byteCount: 42, reversePath: "eve@example.net", recipients: ["alice@example.com"], clientAddress: "192.0.2.7",
      state: isHeld ? "quarantine" : "deferred", attempts: isHeld ? nil : 3,
      nextTry: isHeld ? nil : Timestamp(rawValue: 1_714_555_900_000), reason: "a virus", verdict: verdict)
    waiting.withLock { $0.append(mail) }
    return mail
  }

  func depths() -> [MailQueue: Int] {
    waiting.withLock { mails in Dictionary(grouping: mails, by: \.queue).mapValues(\.count) }
  }

  func mails(in queue: MailQueue, after last: QueueItemID?, limit: Int) -> [QueuedMail] {
    waiting.withLock { mails in
      Array(mails.filter { mail in mail.queue == queue && last.map { mail.id > $0 } ?? true }.prefix(limit))
    }
  }

  func mail(_ id: QueueItemID, in queue: MailQueue) -> QueuedMail? {
    waiting.withLock { $0.first { $0.id == id && $0.queue == queue } }
  }

  func content(of id: QueueItemID, in queue: MailQueue) -> [UInt8] { Array("Subject: held \(id.rawValue)\r\n".utf8) }

  func retry(_ id: QueueItemID, in queue: MailQueue) -> QueueRetry {
    retries.withLock { $0[id.rawValue] } ?? .scheduled
  }

  func release(_ id: QueueItemID) {
    released.withLock { $0.append(id.rawValue) }
    drop(id, in: .error)
  }

  func drop(_ id: QueueItemID, in queue: MailQueue) {
    waiting.withLock { $0.removeAll { $0.id == id && $0.queue == queue } }
  }

  /// What becomes of the next reports; nil where they cannot be made.
  let reports = Locked<ReportOutcome?>(.relay)

  func bounce(_ id: QueueItemID, in queue: MailQueue) throws -> ReportOutcome {
    guard let outcome = reports.withLock({ $0 }) else { throw MailServiceError(.conflict, "there is no relay") }
    drop(id, in: queue)
    return outcome
  }

  func flush() -> Int { waiting.withLock { $0.count { $0.queue == .inbound } } }
}
