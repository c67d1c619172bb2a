import Bytes
import MailFormat
import MailStore
import TestSupport
import Testing

@testable import Reports

/// Whatever a client says, a report has our fields, our parts, and no line that it began.
@Suite struct ReportInjectionTests {
  static let hostile = [
    "x\r\nBcc: <eve@example.org>", "x\nBcc: <eve@example.org>", "x\rBcc: <eve@example.org>", "x\r\n\r\n--", "x\0y",
    "x\u{85}Bcc: y", "x\u{2028}Bcc: y", "x\u{7F}", "\u{FF}\u{FE}", ">\r\n.\r\nMAIL FROM:<>", ";;;", "",
    String(repeating: "a\r\n", count: 5_000), String(repeating: "ö", count: 5_000),
  ]

  @Test(arguments: hostile, [false, true])
  func `what a client said stays on its line`(said: String, needsUTF8: Bool) throws {
    let envelope = Sample.envelope(
      from: said,
      recipients: [Sample.recipient(said, original: "rfc822;\(said)"), Sample.recipient("b", original: said)],
      needsUTF8: needsUTF8, envelopeID: said)
    let mail =
      Array("Message-ID: <\(said)>\r\nReferences: <\(said)> <ok@example.net>\r\nSubject: \(said)".utf8)
      + Sample.bytes("\n\nText\n")
    try Self.check(Sample.composer.compose(Sample.report(envelope), of: mail))
  }

  static let names = [
    "date", "from", "to", "subject", "message-id", "in-reply-to", "references", "auto-submitted", "mime-version",
    "content-type", "content-transfer-encoding",
  ]

  static func check(_ report: ComposedReport) throws {
    let parsed = MailParser().parse(report.bytes)
    let found = parsed.headers.map { $0.name.lowercased() }
    #expect(Set(found).isSubset(of: names) && Set(found).count == found.count)
    #expect(report.bytes.count <= ReportComposer.maxByteCount)
    let lines = Sample.text(report).split(separator: "\r\n", omittingEmptySubsequences: false)
    // With their CR.
    #expect(report.bytes.split(separator: 10).allSatisfy { $0.count <= 999 })
    let header = report.bytes[..<(try #require(end(ofHeader: report.bytes)))]
    #expect(!header.contains(0))
    for (index, byte) in report.bytes.enumerated() where byte == 13 || byte == 10 {
      let isPaired =
        byte == 13
        ? index + 1 < report.bytes.count && report.bytes[index + 1] == 10 : index > 0 && report.bytes[index - 1] == 13
      #expect(isPaired, "a CR or LF alone at \(index)")
      if !isPaired { return }
    }
    let boundary = try #require(Sample.text(report).firstMatch(of: /boundary="([^"]+)"/)?.1)
    #expect(lines.filter { $0.hasPrefix("--\(boundary)") }.count == 4)
    if !report.is8Bit { #expect(report.bytes.allSatisfy { $0 < 0x80 }) }
  }

  private static func end(ofHeader bytes: [UInt8]) -> Int? {
    (0..<max(0, bytes.count - 3)).first { Array(bytes[$0..<($0 + 4)]) == [13, 10, 13, 10] }
  }

  @Test func `random envelopes and mails make reports that read back as they were meant`() throws {
    let seed = UInt64.random(in: 0...UInt64.max)
    var random = SeededGenerator(seed: seed)
    for _ in 0..<400 {
      let envelope = Sample.envelope(
        from: Self.text(&random),
        recipients: (0..<Int.random(in: 1...5, using: &random)).map { _ in
          Sample.recipient(Self.text(&random), original: Bool.random(using: &random) ? Self.text(&random) : nil)
        },
        needsUTF8: .random(using: &random), returning: [nil, .full, .headers].randomElement(using: &random) ?? nil,
        envelopeID: Bool.random(using: &random) ? Self.text(&random) : nil)
      let mail = (0..<Int.random(in: 0...2_000, using: &random)).map { _ in
        Self.interesting.randomElement(using: &random) ?? UInt8.random(in: 0...255, using: &random)
      }
      let action = DeliveryReport.Action.allCases.randomElement(using: &random) ?? .failed
      do {
        try Self.check(Sample.composer.compose(Sample.report(envelope, action), of: mail))
      } catch {
        Issue.record("seed \(seed): \(error)")
        return
      }
    }
  }

  private static let interesting = Array("\r\n\r\n\r\n: \t<>--=@abcXYZ\0\u{7F}".utf8) + [0x80, 0xC3, 0xB6, 0xFF]

  private static func text(_ random: inout SeededGenerator) -> String {
    let characters: [Character] = [
      "a", "b", "@", ".", "\r\n", "\n", "\r", "\0", ">", "<", ";", "\\", "ö", "😀", "\"", " ", ":",
    ]
    return String(
      (0..<Int.random(in: 0...40, using: &random)).map { _ in characters.randomElement(using: &random) ?? "x" })
  }
}
