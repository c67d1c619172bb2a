import Bytes
import MailFormat
import TestSupport
import Testing

struct MailSplitterTests {
  private static func base64(_ content: [UInt8], lineLength: Int, isCRLF: Bool = false) -> String {
    String(
      decoding: MailSplitter.encode(content: content, encoding: .base64(lineLength: lineLength, isCRLF: isCRLF)),
      as: UTF8.self)
  }

  private static func mail(_ body: String, encoding: String, newline: String = "\n") -> [UInt8] {
    let head = """
      Subject: split
      Content-Type: multipart/mixed; boundary=b

      --b
      Content-Type: text/plain

      Hello
      --b
      Content-Type: application/x-data; name=data.bin
      Content-Transfer-Encoding: \(encoding)


      """
    return Array((head.replacing("\n", with: newline) + body + newline + "--b--" + newline).utf8)
  }

  private static func content(_ byteCount: Int, seed: UInt64 = 7) -> [UInt8] {
    var random = SeededGenerator(seed: seed)
    return (0..<byteCount).map { _ in UInt8.random(in: 0...255, using: &random) }
  }

  private static func attachments(_ split: MailSplit) -> [MailSplit.Attachment] {
    split.pieces.compactMap { if case .attachment(let attachment) = $0 { attachment } else { nil } }
  }

  static func assembled(_ split: MailSplit, _ original: [UInt8]) -> [UInt8] {
    split.pieces.flatMap { piece in
      switch piece {
      case .literal(let range): Array(original[range])
      case .attachment(let attachment): MailSplitter.encode(content: attachment.content, encoding: attachment.encoding)
      }
    }
  }

  @Test(arguments: [76, 72, 64, 60, 4, 0], [false, true])
  func `base64 in regular lines is taken out decoded and comes back`(lineLength: Int, isCRLF: Bool) throws {
    for byteCount in [100, 171, 172, 173, 570, 571] {
      let content = Self.content(byteCount)
      let newline = isCRLF ? "\r\n" : "\n"
      let mail = Self.mail(
        Self.base64(content, lineLength: lineLength, isCRLF: isCRLF), encoding: "base64", newline: newline)
      let split = try #require(MailSplitter().split(mail, minimumByteCount: 100))
      let attachment = try #require(Self.attachments(split).first)
      #expect(attachment.content == content)
      #expect(attachment.partPath == "2")
      #expect(attachment.isWhole)
      #expect(Self.assembled(split, mail) == mail)
      #expect(MailParser().attachmentContent(mail, partPath: "2") == content)
    }
  }

  @Test func `the same content in lines of different length is one content`() throws {
    let content = Self.content(3_000)
    let splits = try [60, 76].map { lineLength in
      try #require(
        MailSplitter().split(
          Self.mail(Self.base64(content, lineLength: lineLength), encoding: "base64"), minimumByteCount: 100))
    }
    #expect(Self.attachments(splits[0]).map(\.content) == Self.attachments(splits[1]).map(\.content))
  }

  @Test(arguments: ["7bit", "8bit", "binary", "rot13"])
  func `content that is not encoded is taken out as it is`(encoding: String) throws {
    let text = String(repeating: "line of text\n", count: 100)
    let mail = Self.mail(text, encoding: encoding)
    let split = try #require(MailSplitter().split(mail, minimumByteCount: 100))
    #expect(Self.attachments(split).map(\.encoding) == [.identity])
    #expect(Self.attachments(split).map(\.content) == [Array(text.utf8)])
    #expect(Self.assembled(split, mail) == mail)
  }

  @Test func `irregular base64 stays where it is`() {
    var body = Self.base64(Self.content(1_000), lineLength: 76)
    body.insert("\n", at: body.index(body.startIndex, offsetBy: 100))
    #expect(MailSplitter().split(Self.mail(body, encoding: "base64"), minimumByteCount: 900) == nil)
  }

  @Test func `bits that base64 leaves unused keep the part where it is`() {
    // "AB==" decodes to the same byte as "AA==", and would come back as that.
    let body = Self.base64(Self.content(999) + [0], lineLength: 0).dropLast(4) + "AB=="
    #expect(MailSplitter().split(Self.mail(String(body), encoding: "base64"), minimumByteCount: 100) == nil)
  }

  @Test func `a part that is only regular at its start is not whole`() throws {
    let content = Self.content(3_000)
    let mail = Self.mail(Self.base64(content, lineLength: 76) + "\n*irregular*", encoding: "base64")
    let split = try #require(MailSplitter().split(mail, minimumByteCount: 100))
    #expect(Self.attachments(split).map(\.isWhole) == [false])
    #expect(Self.assembled(split, mail) == mail)
  }

  @Test func `what follows the base64 lines stays in the mail`() throws {
    let content = Self.content(3_000)
    let mail = Self.mail(Self.base64(content, lineLength: 76) + "\n\n\n", encoding: "base64")
    let split = try #require(MailSplitter().split(mail, minimumByteCount: 100))
    #expect(Self.attachments(split).map(\.content) == [content])
    #expect(Self.assembled(split, mail) == mail)
  }

  @Test func `a forwarded mail's attachments are taken out of it`() throws {
    let content = Self.content(3_000)
    let inner = String(decoding: Self.mail(Self.base64(content, lineLength: 76), encoding: "base64"), as: UTF8.self)
    let mail = Array(
      "Content-Type: multipart/mixed; boundary=o\n\n--o\n\nHi\n--o\nContent-Type: message/rfc822\n\n\(inner)\n--o--\n"
        .utf8)
    let split = try #require(MailSplitter().split(mail, minimumByteCount: 100))
    #expect(Self.attachments(split).map(\.partPath) == ["2.2"])
    #expect(Self.assembled(split, mail) == mail)
    #expect(MailParser().attachmentContent(mail, partPath: "2.2") == content)
  }

  @Test func `the shown text and small attachments stay`() {
    let text = String(repeating: "shown text\n", count: 10_000)
    #expect(MailSplitter().split(Array("Subject: x\n\n\(text)".utf8), minimumByteCount: 100) == nil)
    let small = Self.mail(Self.base64(Self.content(90), lineLength: 76), encoding: "base64")
    #expect(MailSplitter().split(small, minimumByteCount: 100) == nil)
    #expect(MailSplitter().split([], minimumByteCount: 0) == nil)
  }

  @Test(arguments: [
    (BodyEncoding.identity, [0] as [UInt8]), (.base64(lineLength: 76, isCRLF: true), [1, 76, 1]),
    (.base64(lineLength: 0, isCRLF: false), [1, 0, 0]), (.base64(lineLength: 996, isCRLF: false), [1, 0xE4, 0x07, 0]),
  ])
  func `a body encoding has these bytes, and is read from them`(encoding: BodyEncoding, bytes: [UInt8]) throws {
    var writer = ByteWriter()
    encoding.encode(into: &writer)
    #expect(writer.bytes == bytes)
    var reader = ByteReader(bytes)
    #expect(try BodyEncoding(from: &reader) == encoding)
    #expect(reader.isAtEnd)
    for count in 0..<bytes.count {
      var cut = ByteReader(bytes[..<count])
      #expect(throws: DecodingError.self) { try BodyEncoding(from: &cut) }
    }
  }

  @Test(arguments: [[2], [1, 3, 0], [1, 76, 2], [1, 0xFF, 0xFF, 0xFF, 0xFF, 0x0F, 0]] as [[UInt8]])
  func `damaged bytes are no body encoding`(bytes: [UInt8]) {
    var reader = ByteReader(bytes)
    #expect(throws: DecodingError.self) { try BodyEncoding(from: &reader) }
  }
}
