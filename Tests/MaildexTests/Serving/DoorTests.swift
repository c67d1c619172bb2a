import Foundation
import TestSupport
import Testing

/// The doors for mail of a running server, beside SMTP's.
@Suite(.timeLimit(.minutes(60))) struct DoorTests {
  @Test func `mail that came by LMTP is found by its next search, and says how it came`() async throws {
    try await withServer(environment: ["MAILDEX_LMTP_LISTEN": "127.0.0.1:0"]) { server in
      let address = try #require(server.doors["lmtp"])
      let replies = try await Blocking.run {
        try Self.deliver("Subject: marmalade\r\n\r\noranges\r\n", over: Connection(to: address))
      }
      #expect(replies.map { $0.prefix(3) } == ["220", "250", "250", "250", "250", "550", "250", "250", "250"])
      let mails = try await server.find("oranges")
      #expect(mails.map(\.subject) == ["marmalade"])
      let raw = try await server.get("/v1/messages/\(mails.first?.id ?? "")/raw")
      #expect(String(decoding: raw.body, as: UTF8.self).contains("\r\n\tby localhost with LMTP id "))
    }
  }

  @Test func `a door with TLS is named where it is, and the one in clear offers STARTTLS`() async throws {
    try await withMailbox { data in
      let certificate = try Self.makeCertificate(in: data)
      let server = try await TestServer.start(
        data, environment: certificate.merging(["MAILDEX_SMTP_TLS_LISTEN": "127.0.0.1:0"]) { $1 })
      #expect(server.doors["smtps"] != nil && server.doors["smtps"] != server.smtp)
      let smtp = server.smtp
      let reply = try await Blocking.run { try SMTPClient(to: smtp).command("STARTTLS") }
      #expect(reply == "220 2.0.0 ready for TLS")
      #expect(await server.stop().status == 0)
    }
  }

  @Test(arguments: [("1", "TCP4"), ("2", "AF_INET")])
  func `a mail through a proxy says from where its client sent it`(version: String, family: String) async throws {
    try await withServer(environment: ["MAILDEX_SMTP_PROXIES": "192.0.2.0/24, 127.0.0.1"]) { server in
      let smtp = server.smtp
      let status = try await Blocking.run {
        try Self.runSwaks([
          "--server", smtp, "--proxy-version", version, "--proxy-family", family, "--proxy-source", "203.0.113.7",
          "--proxy-source-port", "56324", "--proxy-dest", "198.51.100.25", "--proxy-dest-port", "25", "--helo",
          "client.example.net", "--from", "sender@example.net", "--to", "alice@example.com", "--body", "oranges",
        ])
      }
      #expect(status == 0)
      let id = try #require(try await server.find("oranges").first?.id)
      let raw = try await server.get("/v1/messages/\(id)/raw")
      let text = String(decoding: raw.body, as: UTF8.self)
      #expect(text.contains("\r\nReceived: from client.example.net ([203.0.113.7])\r\n"), "\(text)")
    }
  }

  /// - Returns: its exit status.
  private static func runSwaks(_ arguments: [String]) throws -> Int32 {
    let swaks = Process()
    swaks.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    swaks.arguments = ["swaks", "--hide-all"] + arguments
    swaks.standardInput = FileHandle.nullDevice
    try swaks.run()
    swaks.waitUntilExit()
    return swaks.terminationStatus
  }

  /// One mail for alice, twice named, and for somebody who is not there, by chunks. Says the last line of each reply.
  private static func deliver(_ mail: String, over connection: Connection) throws -> [String] {
    let middle = mail.utf8.count / 2
    let bytes = Array(mail.utf8)
    let lines = [
      "LHLO client", "MAIL FROM:<sender@example.net>", "RCPT TO:<alice@example.com>", "RCPT TO:<alice@example.com>",
      "RCPT TO:<nobody@example.com>",
    ]
    try connection.send(Array(lines.map { "\($0)\r\n" }.joined().utf8))
    try connection.send(Array("BDAT \(middle)\r\n".utf8) + bytes[..<middle])
    try connection.send(Array("BDAT \(bytes.count - middle) LAST\r\n".utf8) + bytes[middle...])
    var replies: [String] = []
    while replies.count < 9 {
      let line = try connection.receiveLine()
      if line.dropFirst(3).first != "-" { replies.append(line) }
    }
    return replies
  }

  /// - Returns: the environment that names it.
  private static func makeCertificate(in directory: String) throws -> [String: String] {
    let (certificate, key) = (directory + ".certificate.pem", directory + ".key.pem")
    try SelfSignedCertificate.make(certificate: certificate, key: key)
    return ["MAILDEX_SMTP_TLS_CERTIFICATE": certificate, "MAILDEX_SMTP_TLS_KEY": key]
  }
}
