import Foundation
import NIOSSL
import Receipt
import TestSupport
import Testing

/// One server, several names (SNI, RFC 6066 §3).
@Suite(.timeLimit(.minutes(30)))
struct ServerNameTests {
  private let receiver = MemoryReceiver()
  private let log = LogRecord()

  @Test(arguments: [TLSVersion.tlsv12, .tlsv13])
  func `each name has its certificate, and who asks for none or an unknown one sees the first`(
    version: TLSVersion
  ) async throws {
    try await withCertificates { first, second, wildcard in
      let loaded = try first.load(with: [second, wildcard])
      try await withListener(certificate: loaded, receiver: receiver) { server in
        let choices: [(String?, TestCertificate)] = [
          ("mx.example.com", first), ("mail.example.net", second), ("MAIL.example.net", second),
          ("a.example.org", wildcard), (nil, first),
        ]
        for (name, shown) in choices {
          for certificate in [first, second, wildcard] {
            let isShown = try await isShown(certificate, server, name, version)
            #expect(isShown == (certificate.files == shown.files), "\(name ?? "-")")
          }
        }
        let isDefault = try await isShown(first, server, "other.example.com", version, checksName: false)
        #expect(isDefault)
      }
    }
  }

  @Test func `one that is renewed serves new connections though another is broken, and open ones go on`() async throws {
    try await withCertificates { first, second, _ in
      let loaded = try first.load(with: [second], logger: log.logger)
      try await withListener(certificate: loaded, receiver: receiver) { server in
        let open = try await server.client()
        _ = try await open.say("EHLO c", "STARTTLS")
        try await open.secure(trusting: second.files.certificateChain, name: "mail.example.net")
        #expect(try await open.say("EHLO c") == ["250 ENHANCEDSTATUSCODES"])
        let before = try Data(contentsOf: URL(fileURLWithPath: second.files.certificateChain))
        try Data("no certificate\n".utf8).write(to: URL(fileURLWithPath: first.files.certificateChain))
        try second.replace()
        loaded.reloadIfChanged()
        loaded.reloadIfChanged()
        #expect(
          log.messages == ["changed certificate not used, the old one stays", "certificate read again"])
        #expect(try await open.say("NOOP") == ["250 2.0.0 OK"])
        #expect(try await isShown(second, server, "mail.example.net", .tlsv13))
        try before.write(to: URL(fileURLWithPath: second.files.certificateChain))
        #expect(try await !isShown(second, server, "mail.example.net", .tlsv13), "the old one is shown no more")
      }
    }
  }

  @Test func `each of them must be usable at the start`() async throws {
    try await withCertificates { first, second, _ in
      try Damage.keyOfAnother.harm(second)
      let error = #expect(throws: ReceiptError.self) { try first.load(with: [second]) }
      #expect(error?.message.contains(second.files.certificateChain) == true)
    }
  }

  private func isShown(
    _ certificate: TestCertificate, _ server: RunningListener, _ name: String?, _ version: TLSVersion,
    checksName: Bool = true
  ) async throws -> Bool {
    let client = try await server.client()
    _ = try await client.say("EHLO c", "STARTTLS")
    try await client.secure(
      trusting: certificate.files.certificateChain, atMost: version, name: name, checksName: checksName)
    return (try? await client.say("EHLO c")) == ["250 ENHANCEDSTATUSCODES"]
  }

  private func withCertificates(
    _ body: (TestCertificate, TestCertificate, TestCertificate) async throws -> Void
  ) async throws {
    try await withTemporaryDirectory { directory in
      try await body(
        TestCertificate(in: directory), TestCertificate(in: directory, for: "mail.example.net"),
        TestCertificate(in: directory, for: "*.example.org"))
    }
  }
}
