import Bytes
import Ingest
import MailStore
import Testing

extension TestEngine {
  static func envelope(_ users: [UserID]) -> InboundEnvelope {
    InboundEnvelope(
      receivedAt: Timestamp(rawValue: 1_795_472_401_000), clientAddress: "192.0.2.1", heloName: "mail.example.net",
      protocolName: "ESMTP", reversePath: "dan@example.net",
      recipients: users.map { InboundRecipient(address: "\($0)@example.com", user: $0) }, needsUTF8: false,
      is8Bit: false)
  }

  /// Receives a mail: a small one in the log, a large one by way of a spool file.
  func accept(_ bytes: [UInt8], for users: UserID...) async throws { try await accept(bytes, for: users) }

  func accept(_ bytes: [UInt8], for users: [UserID]) async throws {
    var content = ReceivedContent.inline(bytes)
    if bytes.count > ReceivedContent.inlineLimit {
      let spool = try await queue.makeSpool()
      try await spool.append(bytes)
      content = try await spool.finish()
    }
    _ = try await queue.accept(Self.envelope(users), content)
  }

  /// Lets workers run until nothing is queued for these users.
  func drain(_ users: [UserID] = [alice, bob], workers count: Int = 2) async throws {
    let work = Task { try await workers(count).run() }
    for user in users { #expect(await queue.waitUntilProcessed(user: user, timeout: .seconds(600)) == 0) }
    work.cancel()
    try await work.value
  }
}
