import Bytes
import Foundation
import Testing

/// Mails that break the rules or try to, sent to the running server: each is taken, kept to the byte, marked, and found
/// by what could be read.
@Suite(.timeLimit(.minutes(60))) struct TroubleMailTests {
  struct Trouble: Sendable, CustomTestStringConvertible {
    let name: String
    let mail: [UInt8]
    let words: [String]
    var defects: Set<String> = []

    var testDescription: String { name }
  }

  @Test(arguments: troubles)
  func `a mail of trouble is stored, marked, found, and comes back byte for byte`(trouble: Trouble) async throws {
    try await withServer { server in
      let reply = try await server.send(trouble.mail, to: "alice@example.com")
      try #require(reply.hasPrefix("250 2.0.0"), "\(reply)")
      // A mail that takes long to be read is pending meanwhile.
      try await waitUntil { try await server.total("in:anywhere") == 1 }
      for word in trouble.words {
        let found = try await server.find(word)
        #expect(found.count == 1, "not found by \(word)")
        guard let found = found.first else { continue }
        #expect(trouble.defects.isSubset(of: found.defects), "\(found.defects)")
        #expect(try await server.received(found.id) == trouble.mail)
        #expect(try await server.get("/v1/messages/\(found.id)").status == 200)
      }
      #expect(
        try await server.send(mail(subject: "After", text: "afterwards"), to: "alice@example.com").hasPrefix("250"))
      #expect(try await server.total("afterwards") == 1)
      let peak = try server.peakMemory()
      #expect(peak < 400, "the server had \(peak) MiB")
      try await succeed(["verify", "--data", server.data])
    }
  }

  static let troubles = [
    Trouble(
      name: "NUL bytes",
      mail: Array("From: dan@example.net\r\nSubject: Nul \0 inside\r\n\r\npier\0 mole \0quay\r\n".utf8),
      words: ["subject:inside", "pier", "mole", "quay"], defects: ["nul-byte"]),
    Trouble(
      name: "broken UTF-8",
      mail: Array("From: dan@example.net\r\nSubject: Jetty ".utf8) + [0xC3, 0x28, 0xFF]
        + Array(" head\r\nContent-Type: text/plain; charset=utf-8\r\n\r\nbreakwater ".utf8) + [0xE2, 0x82, 0xF0, 0x9F]
        + Array(" slipway\r\n".utf8),
      words: ["subject:jetty", "breakwater", "slipway"], defects: ["raw-header-bytes", "charset-mislabelled"]),
    Trouble(
      name: "a header line of 10 MB",
      mail: Array("From: dan@example.net\r\nX-Long: ".utf8) + [UInt8](repeating: UInt8(ascii: "a"), count: 10_000_000)
        + Array("\r\nSubject: Bollard\r\n\r\nfairlead\r\n".utf8),
      words: ["subject:bollard", "fairlead"], defects: ["long-line", "header-limit"]),
    Trouble(
      name: "1,000 nested parts", mail: nested(1_000), words: ["subject:matryoshka", "innermost"],
      defects: ["nesting-limit"]),
    Trouble(
      name: "a gzip bomb", mail: attachment("bomb.gz", DeflateBomb.gzip(plainByteCount: 256 << 20)),
      words: ["filename:bomb.gz", "subject:attached"]),
    Trouble(
      name: "a zip bomb", mail: attachment("bomb.zip", DeflateBomb.zip(plainByteCount: 256 << 20)),
      words: ["filename:bomb.zip", "subject:attached"]),
    Trouble(
      name: "base64 without line ends",
      mail: attachment("endless.bin", [UInt8](repeating: 0xA5, count: 6 << 20), lineLength: nil),
      words: ["filename:endless.bin", "subject:attached"], defects: ["long-line"]),
    Trouble(
      name: "mails in base64 in mails", mail: base64Nested(20), words: ["subject:onion"]),
  ]

  private static func nested(_ depth: Int) -> [UInt8] {
    var text = "From: dan@example.net\r\nSubject: Matryoshka\r\n"
    for level in 0..<depth {
      text += "Content-Type: multipart/mixed; boundary=\"level\(level)\"\r\n\r\n--level\(level)\r\n"
    }
    text += "Content-Type: text/plain\r\n\r\ninnermost\r\n"
    for level in (0..<depth).reversed() { text += "--level\(level)--\r\n" }
    return Array(text.utf8)
  }

  private static func attachment(_ name: String, _ content: [UInt8], lineLength: Int? = 76) -> [UInt8] {
    let options: Data.Base64EncodingOptions =
      lineLength == nil ? [] : [.lineLength76Characters, .endLineWithCarriageReturn, .endLineWithLineFeed]
    return Array(
      """
      From: dan@example.net
      Subject: Attached
      MIME-Version: 1.0
      Content-Type: application/octet-stream; name="\(name)"
      Content-Disposition: attachment; filename="\(name)"
      Content-Transfer-Encoding: base64


      """.replacing("\n", with: "\r\n").utf8) + Array(Data(content).base64EncodedData(options: options))
      + Array("\r\n".utf8)
  }

  /// Each layer is a mail whose only content is the next one, encoded: it has to be decoded again and again.
  private static func base64Nested(_ depth: Int) -> [UInt8] {
    var mail = Array("Subject: core\r\n\r\nkernel\r\n".utf8)
    for level in (0..<depth).reversed() {
      let options: Data.Base64EncodingOptions = [
        .lineLength76Characters, .endLineWithCarriageReturn, .endLineWithLineFeed,
      ]
      mail =
        Array(
          """
          From: dan@example.net\r
          Subject: \(level == 0 ? "Onion" : "layer")\r
          Content-Type: message/rfc822\r
          Content-Transfer-Encoding: base64\r
          \r

          """.utf8) + Array(Data(mail).base64EncodedData(options: options)) + Array("\r\n".utf8)
    }
    return mail
  }

  @Test func `a decompression bomb in a compressed mbox fails by name, and the mail behind it is imported`()
    async throws
  {
    try await withServer { server in
      let separator = Array("From dan@example.net Thu Jan  2 03:04:05 2025\r\n".utf8)
      let piece = Zstd.compress([UInt8](repeating: UInt8(ascii: "a"), count: 16 << 20))
      let bomb =
        Zstd.compress(separator + Array("Subject: bomb\r\n\r\n".utf8)) + (0..<16).flatMap { _ in piece }
        + Zstd.compress(Array("\r\n\r\n".utf8))
      #expect(bomb.count < 1 << 20)
      let file = server.data + "-bomb.mbox.zst"
      try write(bomb + Zstd.compress(separator + mail(subject: "Behind", text: "windlass")), to: file)
      let result = try await MaildexProcess.run(["import", "--user", "alice@example.com", "--data", server.data, file])
      #expect(result.status == 1 && result.output.hasPrefix("imported=1 skipped=0 failed=1 "), "\(result)")
      #expect(result.errors.contains(file), "\(result)")
      #expect(try await server.total("windlass") == 1)
      let peak = try server.peakMemory()
      #expect(peak < 400, "the server had \(peak) MiB")
    }
  }
}
