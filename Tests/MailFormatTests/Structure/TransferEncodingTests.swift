import Testing

@testable import MailFormat

struct TransferEncodingTests {
  private static let lines = "begin 644 hello.txt\n-2&5L;&\\L('=O<FQD(0``\n`\nend\n"

  @Test(arguments: ["\n", "\r\n"], ["", "\n\n", "A file follows.\n\n"])
  func `uuencoded content is read from after its begin line`(newline: String, before: String) {
    let body = (before + Self.lines).replacing("\n", with: newline)
    let text = MailParser().parse(Array("Content-Transfer-Encoding: x-uuencode\n\n\(body)".utf8))
    #expect(text.text == "Hello, world!")
    #expect(text.defects.isEmpty)
    let file = Array("Content-Type: image/png\nContent-Transfer-Encoding: uuencode\n\n\(body)".utf8)
    #expect(MailParser().parse(file).attachments.map(\.byteCount) == [13])
    #expect(MailParser().attachmentContent(file, partPath: "1") == Array("Hello, world!".utf8))
  }

  @Test func `content that says uuencode and is not stays as it is`() {
    let mail = MailParser().parse(Array("Content-Transfer-Encoding: uuencode\n\nbeginning of words\n".utf8))
    #expect(mail.text == "beginning of words\n")
    #expect(mail.defects == [.brokenEncoding])
  }

  @Test func `uuencoded content longer than a chunk is read whole`() {
    let line = "M" + String(repeating: "86%A", count: 15) + "\n"
    let body = "begin 644 a\n" + String(repeating: line, count: 5_000) + "`\nend\n"
    let decoded = TransferEncoding.uuencode.decode(Array(body.utf8)[...], limit: .max)
    #expect(decoded == Array(repeating: UInt8(ascii: "a"), count: 45 * 5_000))
  }

  @Test(
    arguments: [
      TransferEncoding.identity, .base64, .quotedPrintable, .uuencode, .unknown,
    ], ["", "QUJD", "QQ==QUI=Q", "a=3D  \nb \t c=\n", "begin 644 a\n#0V%T\n`\nend\n"])
  func `counting bytes counts what decoding gives`(encoding: TransferEncoding, content: String) {
    let content = Array(content.utf8)[...]
    for limit in [0, 1, 2, 3, 4, 5, Int.max] {
      let decoded = encoding.decode(content, limit: limit)
      #expect(encoding.decodedByteCount(content, limit: limit) == decoded.count)
      let start = encoding.decodeStart(content, limit: limit)
      #expect(start.bytes == decoded)
      #expect(start.isCut == (encoding.decode(content, limit: .max).count > limit))
    }
  }

  @Test func `parameters keep nothing but their place in the mail`() {
    #expect(MemoryLayout<MIMEParameters>.size == MemoryLayout<ArraySlice<UInt8>>.size)
  }
}
