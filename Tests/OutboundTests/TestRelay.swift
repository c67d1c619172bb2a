import Bytes
import Logging
import MailStore
import NIOPosix
import Outbound
import Receipt
import SMTP
import ServiceLifecycle
import TestSupport

/// This server's own listener as the relay: what is real of it, the sockets and the dialogue, is what is tested against.
final class TestRelay: MailReceiver {
  struct Mail: Sendable {
    let envelope: InboundEnvelope
    let content: [UInt8]
  }

  private let taken = Locked<[Mail]>([])
  private let failure = Locked<StoreError?>(nil)

  var mails: [Mail] { taken.withLock { $0 } }

  /// What becomes of the next mails; nil for what is good.
  func fail(with error: StoreError?) { failure.withLock { $0 = error } }

  func resolve(_ address: String, by policy: RecipientPolicy) async -> RecipientResolution {
    address.hasPrefix("nobody") ? .unknown : .accepted([UserID(rawValue: 1)])
  }

  func resolveNow(_ address: String, by policy: RecipientPolicy) -> RecipientResolution? { nil }

  func holding(of user: UserID) -> AccountHolding? { nil }

  func accept(_ envelope: InboundEnvelope, _ content: ReceivedContent) async throws -> QueueItemID {
    if let error = failure.withLock({ $0 }) { throw error }
    guard case .inline(let bytes) = content else { throw StoreError(code: .failed, message: "not inline") }
    return taken.withLock { taken in
      taken.append(Mail(envelope: envelope, content: bytes))
      return QueueItemID(rawValue: UInt64(taken.count))
    }
  }

  func makeSpool() async throws -> any MailSpool { throw StoreError(code: .noSpace, message: "none here") }

  static let logger = Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })

  /// Runs `body` with a relay on a port of the system's choice.
  static func withRelay(
    certificate: TLSCertificate? = nil, _ body: (TestRelay, Int) async throws -> Void
  ) async throws {
    let relay = TestRelay()
    let listener = try await SMTPListener.bind(
      ReceiptConfiguration(
        doors: [Door(.tcp(host: "127.0.0.1", port: 0))], session: SMTPConfiguration(hostName: "relay.example.net")),
      certificate: certificate, receiver: relay, policy: CurrentPolicy(), on: MultiThreadedEventLoopGroup.singleton,
      clock: SystemClock(), logger: logger)
    let port =
      switch listener.addresses[0] {
      case .tcp(_, let port): port
      case .unix: 0
      }
    let group = ServiceGroup(services: [listener], logger: logger)
    let running = Task { try await group.run() }
    do {
      try await body(relay, port)
    } catch {
      await group.triggerGracefulShutdown()
      _ = try? await running.value
      throw error
    }
    await group.triggerGracefulShutdown()
    try await running.value
  }
}
