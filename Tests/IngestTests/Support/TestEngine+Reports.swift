import Bytes
import Ingest
import MailStore

extension TestEngine {
  static let carol = UserID(rawValue: 3)

  /// Tells alice@example.com and bob@example.com; everybody else at example.com is nobody, and other domains are strangers'.
  func reporter(
    outbox: ReportOutbox? = nil, clock: any WallClock & MonotonicClock = SystemClock(),
    _ change: (inout Reporter.Options) -> Void = { _ in }
  ) -> Reporter {
    var options = Reporter.Options(hostname: "mx.example.com")
    change(&options)
    return Reporter(
      queue: queue, outbox: outbox, options: options, threads: threads, clock: clock, logger: Self.logger
    ) { address in
      switch address {
      case "alice@example.com": .users([Self.alice])
      case "bob@example.com": .users([Self.bob])
      default: address.hasSuffix("@example.com") ? .unknown : .foreign
      }
    }
  }

  /// Of a mail from `sender`, received when `receivedAt` says.
  static func envelope(
    from sender: String, _ recipients: [InboundRecipient],
    receivedAt: Timestamp = Timestamp(rawValue: 1_795_472_401_000),
    protocolName: String = "ESMTP", judgement: MailJudgement? = nil
  ) -> InboundEnvelope {
    InboundEnvelope(
      receivedAt: receivedAt, clientAddress: "192.0.2.1", heloName: "mail.example.net", protocolName: protocolName,
      reversePath: sender, recipients: recipients, needsUTF8: false, is8Bit: false, judgement: judgement)
  }

  static func recipient(
    _ user: UserID, _ address: String? = nil, _ occasions: InboundRecipient.Occasions? = nil
  ) -> InboundRecipient {
    InboundRecipient(address: address ?? "\(user)@example.com", user: user, occasions: occasions)
  }

  /// What the queue holds, oldest first.
  func queued() async throws -> [(envelope: InboundEnvelope, text: String)] {
    var leases: [QueueLease] = []
    for _ in 0..<queue.depth() {
      guard let lease = await queue.lease() else { break }
      leases.append(lease)
    }
    var found: [(envelope: InboundEnvelope, text: String)] = []
    for lease in leases.sorted(by: { $0.id < $1.id }) {
      found.append((lease.envelope, String(decoding: try await queue.content(of: lease), as: UTF8.self)))
    }
    for lease in leases { await queue.release(lease, retryAfter: .zero, reason: "only looked at") }
    return found
  }
}
