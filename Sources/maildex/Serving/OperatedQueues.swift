import Bytes
import HTTPAPI
import Ingest
import MailStore

/// The operators' API's view of the queues.
struct OperatedQueues: QueueService {
  let queues: OperatorQueues

  func depths() async throws -> [MailQueue: Int] {
    [.inbound: queues.waitingCount, .error: queues.heldCount]
  }

  func mails(in queue: MailQueue, after last: QueueItemID?, limit: Int) async throws -> [QueuedMail] {
    try await translated {
      switch queue {
      case .inbound:
        queues.waitingMails(after: last, limit: limit).map { QueuedMail($0, at: queues.now) }
      case .error: try await queues.heldMails(after: last, limit: limit).map(QueuedMail.init)
      }
    }
  }

  func mail(_ id: QueueItemID, in queue: MailQueue) async throws -> QueuedMail? {
    try await translated {
      switch queue {
      case .inbound: queues.waitingMail(id).map { QueuedMail($0, at: queues.now) }
      case .error: try await queues.heldMail(id).map(QueuedMail.init)
      }
    }
  }

  func content(of id: QueueItemID, in queue: MailQueue) async throws -> [UInt8] {
    try await translated {
      switch queue {
      case .inbound: return try await queues.content(ofWaiting: id)
      case .error:
        guard let mail = try await queues.heldMail(id) else { throw Self.gone }
        return try await queues.content(of: mail)
      }
    }
  }

  func retry(_ id: QueueItemID, in queue: MailQueue) async throws -> QueueRetry {
    try await translated {
      switch queue {
      case .inbound:
        _ = queues.retryWaiting([id])
        return .scheduled
      case .error:
        switch try await queues.retry(id) {
        case .delivered: return .delivered
        case .heldAgain(let reason): return .heldAgain(reason: reason)
        }
      }
    }
  }

  func release(_ id: QueueItemID) async throws { try await translated { _ = try await queues.release(id) } }

  func drop(_ id: QueueItemID, in queue: MailQueue) async throws {
    try await translated {
      switch queue {
      case .inbound: _ = try await queues.dropWaiting(id)
      case .error: _ = try await queues.dropHeld(id)
      }
    }
  }

  func bounce(_ id: QueueItemID, in queue: MailQueue) async throws -> ReportOutcome {
    try await translated {
      switch queue {
      case .inbound: try await queues.bounceWaiting(id)
      case .error: try await queues.bounceHeld(id)
      }
    }
  }

  func flush() async throws -> Int { queues.retryWaiting() }

  private static let gone = MailServiceError(.notFound, "no queue has that mail any more")

  private func translated<Value>(
    isolation: isolated (any Actor)? = #isolation, _ call: () async throws -> Value
  ) async throws -> Value {
    do {
      return try await call()
    } catch let failure as OperatorQueues.Failure {
      throw MailServiceError(failure.code == .notFound ? .notFound : .conflict, failure.description)
    } catch let error as FiltersUnavailable {
      throw MailServiceError(.busy, "\(error)")
    } catch {
      throw MailboxService.translation(of: error)
    }
  }
}

extension QueuedMail {
  init(_ mail: HeldMail) {
    self.init(
      queue: .error, id: mail.id, receivedAt: mail.envelope.receivedAt, byteCount: mail.byteCount,
      reversePath: mail.envelope.reversePath, recipients: mail.envelope.addresses,
      clientAddress: mail.envelope.clientAddress, state: mail.cause.rawValue, attempts: nil, nextTry: nil,
      reason: mail.reason, verdict: mail.verdict)
  }

  init(_ mail: QueueItemSummary, at now: Timestamp) {
    self.init(
      queue: .inbound, id: mail.id, receivedAt: mail.envelope.receivedAt, byteCount: mail.byteCount,
      reversePath: mail.envelope.reversePath, recipients: mail.envelope.addresses,
      clientAddress: mail.envelope.clientAddress, state: "\(mail.standing)", attempts: mail.attempts,
      nextTry: mail.nextTry.map { Timestamp(rawValue: now.rawValue + Int64($0 / .milliseconds(1))) },
      reason: mail.lastReason, verdict: mail.envelope.judgement?.verdict)
  }
}
