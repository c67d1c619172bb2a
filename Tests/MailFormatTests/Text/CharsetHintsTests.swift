import MailFormat
import Testing

struct CharsetHintsTests {
  private static let ascii = String(repeating: "plain words of ASCII\n", count: 5_000)

  private static func read(_ type: String, _ body: [UInt8]) -> ParsedMail {
    MailParser().parse(Array("Content-Type: \(type)\n\n".utf8) + body)
  }

  /// Japanese in Shift_JIS.
  private static let shiftJIS: [UInt8] = [0x93, 0xFA, 0x96, 0x7B, 0x8C, 0xEA, 0x82, 0xCC, 0x95, 0xB6, 0x8F, 0xCD]

  private static func lines(_ line: [UInt8]) -> [UInt8] {
    Array([[UInt8]](repeating: line + [0x0A], count: 400).joined())
  }

  @Test func `a few damaged bytes far into a text do not cost it its charset`() {
    let japanese = Self.lines(Self.shiftJIS)
    let mail = Self.read("text/plain; charset=shift_jis", Array(Self.ascii.utf8) + japanese + [0x93, 0x0A])
    #expect(mail.text.contains("日本語の文章\n日本語の文章"))
    #expect(mail.defects == [.charsetMislabelled])
  }

  @Test func `the detector sees what stands far into a text`() {
    let japanese = Self.lines(Self.shiftJIS)
    let mail = Self.read("text/plain", Array(Self.ascii.utf8) + japanese)
    #expect(mail.text.contains("日本語の文章"))
    #expect(mail.defects == [.charsetMissing])
  }

  @Test func `the detector sees into a line of megabytes`() {
    let words = Array(Self.ascii.replacing("\n", with: " ").utf8)
    let line = words + [[UInt8]](repeating: Self.shiftJIS, count: 100).joined()
    let mail = Self.read("text/plain", line)
    #expect(mail.text.contains("日本語の文章"))
  }

  @Test(
    arguments: [
      // Half a character before the escape back to ASCII, before a line end, at the end.
      ([0x46, 0x7C, 0x4B, 0x1B, 0x28, 0x42, 0x61], "日\u{FFFD}a"),
      ([0x46, 0x7C, 0x4B, 0x0A, 0x61], "日\u{FFFD}\na"),
      ([0x46, 0x7C, 0x4B], "日\u{FFFD}"),
      ([0x46, 0x7C, 0x4B, 0x20, 0x4B, 0x5C], "日\u{FFFD} 本"),
    ] as [([UInt8], String)])
  func `half a Japanese character takes nothing with it`(kanji: [UInt8], text: String) {
    let mail = Self.read("text/plain; charset=iso-2022-jp", [0x1B, 0x24, 0x42] + kanji)
    #expect(mail.text == text)
    #expect(mail.defects == [.charsetMislabelled])
  }
}
