import Foundation
import Receipt
import Testing

@Suite(.timeLimit(.minutes(30)))
struct TLSCertificateTests {
  private let receiver = MemoryReceiver()
  private let log = LogRecord()

  @Test func `a new certificate serves new connections, and those that are open go on`() async throws {
    try await withCertificate { certificate in
      let loaded = try certificate.load(logger: log.logger)
      try await withListener(certificate: loaded, receiver: receiver) { server in
        let old = try await secured(server, certificate)
        let before = try Data(contentsOf: URL(fileURLWithPath: certificate.files.certificateChain))
        try certificate.replace()
        loaded.reloadIfChanged()
        loaded.reloadIfChanged()
        #expect(log.messages == ["certificate read again"])
        #expect(try await old.say("NOOP") == ["250 2.0.0 OK"])
        let new = try await secured(server, certificate)
        #expect(try await new.say("NOOP") == ["250 2.0.0 OK"])
        try before.write(to: URL(fileURLWithPath: certificate.files.certificateChain))
        let stranger = try await server.client()
        _ = try await stranger.say("EHLO c", "STARTTLS")
        try await stranger.secure(trusting: certificate.files.certificateChain)
        await #expect(throws: (any Error).self, "the old certificate is shown no more") {
          try await stranger.say("EHLO c")
        }
      }
    }
  }

  @Test(arguments: Damage.allCases)
  func `new files that cannot be used keep the old certificate, are logged once, and count when they are mended`(
    damage: Damage
  ) async throws {
    try await withCertificate { certificate in
      let loaded = try certificate.load(logger: log.logger)
      let trusted = certificate.files.certificateChain + ".kept"
      try FileManager.default.copyItem(atPath: certificate.files.certificateChain, toPath: trusted)
      try damage.harm(certificate)
      loaded.reloadIfChanged()
      loaded.reloadIfChanged()
      #expect(log.messages == ["changed certificate not used, the old one stays"])
      try await withListener(certificate: loaded, receiver: receiver) { server in
        let client = try await server.client()
        _ = try await client.say("EHLO c", "STARTTLS")
        try await client.secure(trusting: trusted)
        #expect(try await client.say("EHLO c", "NOOP").last == "250 2.0.0 OK")
      }
      try certificate.replace()
      loaded.reloadIfChanged()
      #expect(log.messages.last == "certificate read again")
      #expect(log.messages.count == 2)
    }
  }

  @Test(arguments: Damage.allCases)
  func `files that cannot be used at the start are an error that names them`(damage: Damage) async throws {
    try await withCertificate { certificate in
      try damage.harm(certificate)
      let error = #expect(throws: ReceiptError.self) { try certificate.load() }
      #expect(error?.message.contains(certificate.files.certificateChain) == true)
      #expect(error?.message.contains(certificate.files.privateKey) == true)
    }
  }

  private func secured(_ server: RunningListener, _ certificate: TestCertificate) async throws -> TestClient {
    let client = try await server.client()
    _ = try await client.say("EHLO c", "STARTTLS")
    try await client.secure(trusting: certificate.files.certificateChain)
    #expect(try await client.say("EHLO c") == ["250 ENHANCEDSTATUSCODES"])
    return client
  }
}

enum Damage: CaseIterable {
  case removed, empty, garbage, half, keyOfAnother

  func harm(_ certificate: TestCertificate) throws {
    let chain = certificate.files.certificateChain
    switch self {
    case .removed: try FileManager.default.removeItem(atPath: chain)
    case .empty: try Data().write(to: URL(fileURLWithPath: chain))
    case .garbage: try Data("no certificate\n".utf8).write(to: URL(fileURLWithPath: chain))
    case .half:
      let whole = try Data(contentsOf: URL(fileURLWithPath: chain))
      try whole.prefix(whole.count / 2).write(to: URL(fileURLWithPath: chain))
    case .keyOfAnother:
      let kept = try Data(contentsOf: URL(fileURLWithPath: chain))
      try certificate.replace()
      try kept.write(to: URL(fileURLWithPath: chain))
    }
  }
}
