import Bytes
import Logging
import NIOPosix
import Receipt
import SMTP
import ServiceLifecycle

/// A listener on a port of the system's choice, as a service that can be shut down.
struct RunningListener {
  let listener: SMTPListener
  let group: ServiceGroup

  func client() async throws -> TestClient { try await TestClient.greeted(port: listener.port()) }

  func shutDown() async { await group.triggerGracefulShutdown() }
}

extension ReceiptConfiguration {
  static let forTests = ReceiptConfiguration(
    doors: [.forTests], session: SMTPConfiguration(hostName: "mx.example.com"))
}

extension Door {
  /// On a port of the system's choice.
  static let forTests = Door(.tcp(host: "127.0.0.1", port: 0))
}

extension Logger {
  static let forTests = {
    var logger = Logger(label: "maildex.tests")
    logger.logLevel = .critical
    return logger
  }()
}

extension SMTPListener {
  static func bind(
    _ configuration: ReceiptConfiguration, certificate: TLSCertificate? = nil, receiver: MemoryReceiver,
    authenticator: (any Authenticator)? = nil, policy: CurrentPolicy = CurrentPolicy(),
    greylist: Greylist? = nil, logger: Logger = .forTests
  ) async throws -> SMTPListener {
    try await bind(
      configuration, certificate: certificate, receiver: receiver, authenticator: authenticator, policy: policy,
      greylist: greylist, on: .singletonMultiThreadedEventLoopGroup, clock: FixedClock(), logger: logger)
  }

  func port(ofDoor index: Int = 0) -> Int {
    switch addresses[index] {
    case .tcp(_, let port): port
    case .unix: 0
    }
  }
}

/// Runs `body` against a listener, then shuts it down gracefully and waits for its end.
func withListener(
  _ configuration: ReceiptConfiguration = .forTests, certificate: TLSCertificate? = nil, receiver: MemoryReceiver,
  authenticator: (any Authenticator)? = nil, policy: CurrentPolicy = CurrentPolicy(),
  greylist: Greylist? = nil, logger: Logger = .forTests, _ body: @Sendable (RunningListener) async throws -> Void
) async throws {
  let listener = try await SMTPListener.bind(
    configuration, certificate: certificate, receiver: receiver, authenticator: authenticator, policy: policy,
    greylist: greylist, logger: logger)
  let group = ServiceGroup(services: [listener], logger: .forTests)
  try await withThrowingTaskGroup(of: Void.self) { tasks in
    tasks.addTask { try await group.run() }
    do {
      try await body(RunningListener(listener: listener, group: group))
    } catch {
      receiver.gate.open()
      await group.triggerGracefulShutdown()
      throw error
    }
    await group.triggerGracefulShutdown()
    try await tasks.waitForAll()
  }
}

struct FixedClock: WallClock {
  func now() -> Timestamp { Timestamp(rawValue: 1_767_348_672_000) }
}
