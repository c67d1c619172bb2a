import Foundation
import MailStore
import TestSupport
import Testing

@testable import Filter

/// Against Debian's clamd, with a database of one signature.
@Suite(.serialized, .timeLimit(.minutes(5))) struct ClamdFilterTests {
  /// EICAR's test file, in hexadecimal digits, as signatures are written (ClamAV's manual, "Extended signature format").
  private static let signatures =
    "Test.Maildex:0:*:" + EICAR.text.utf8.map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined()
    + "\n"
  private static let streamMaxLength = 1 << 20

  private func with<Result>(_ body: (ClamdOptions) async throws -> Result) async throws -> Result {
    try await withTemporaryDirectory { directory in
      try Self.signatures.write(toFile: directory + "/test.ndb", atomically: true, encoding: .utf8)
      let settings =
        "LocalSocket \(directory)/clamd\nDatabaseDirectory \(directory)\nForeground yes\nStreamMaxLength \(Self.streamMaxLength)\n"
      try settings.write(toFile: directory + "/clamd.conf", atomically: true, encoding: .utf8)
      return try await RealServer.with(
        "/usr/sbin/clamd", ["--config-file=\(directory)/clamd.conf"], in: directory, sockets: ["clamd"]
      ) {
        var options = ClamdOptions()
        options.endpoint = .unix(path: directory + "/clamd")
        return try await body(options)
      }
    }
  }

  @Test func `a signature is found, in an attachment and in an archive, and a good mail has none`() async throws {
    try await with { options in
      let filter = ClamdFilter(options)
      try await filter.ping()
      #expect(try await filter.check(Mails.filtered(Mails.text("Hello"))) == FilterFinding())
      let file = Array(EICAR.text.utf8)
      for content in [file, ZipArchive.of("file.txt", file)] {
        let finding = try await filter.check(Mails.filtered(Mails.attachment(content, named: "file")))
        #expect(finding.action == .quarantine)
        #expect(finding.reason == "Test.Maildex.UNOFFICIAL")
        #expect(finding.symbols == [MailVerdict.Symbol(name: "Test.Maildex.UNOFFICIAL", score: 20)])
      }
    }
  }

  @Test func `a mail of many chunks is scanned to its end`() async throws {
    try await with { options in
      let mail = Mails.text(String(repeating: "harbour\r\n", count: 80_000) + EICAR.text)
      #expect(mail.count > 600_000)
      let finding = try await ClamdFilter(options).check(Mails.filtered(mail))
      #expect(finding.action == .quarantine)
    }
  }

  @Test func `a mail that is too large for clamd is what the operator says`() async throws {
    try await with { options in
      var options = options
      let mail = Mails.filtered(Mails.text(String(repeating: "harbour\r\n", count: 1_000_000)))
      let delivered = try await ClamdFilter(options).check(mail)
      #expect(delivered.action == .deliver && delivered.symbols.map(\.name) == ["CLAMD_TOO_LARGE"])
      options.tooLarge = .reject
      #expect(try await ClamdFilter(options).check(mail).action == .reject)
      options.maxByteCount = 1_000
      options.endpoint = .unix(path: "/nowhere/clamd")
      #expect(try await ClamdFilter(options).check(mail).action == .reject, "such a mail is not sent")
    }
  }
}
