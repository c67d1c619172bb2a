import Testing

@testable import Reports

@Suite struct ReturnedMailTests {
  private func returned(_ bytes: [UInt8], isWhole: Bool = true, needsUTF8: Bool = false, limit: Int = 1_000)
    -> ReturnedMail
  {
    ReturnedMail(bytes, isWhole: isWhole, needsUTF8: needsUTF8, limit: limit)
  }

  @Test func `a mail of the limit is whole, of one byte more its header`() {
    let mail = Sample.mail + Array(repeating: UInt8(ascii: "x"), count: 1_000 - Sample.mail.count)
    #expect(returned(mail).bytes == mail)
    let header = Sample.bytes("From: <dan@example.net>\nSubject: periwinkle\nMessage-ID: <original@example.net>\n")
    #expect(returned(mail + [120]).bytes == header && returned(mail + [120]).mediaType == "text/rfc822-headers")
  }

  @Test(arguments: ["a\0b", "a\rb", "a\nb", "a\r", "\n", String(repeating: "x", count: 999)])
  func `what lines cannot carry is not returned whole`(text: String) {
    #expect(returned(Array("Subject: a\r\n\r\n\(text)".utf8), limit: 5_000).bytes == Sample.bytes("Subject: a\n"))
  }

  @Test(arguments: [
    ("Subject: a\n\tb\n c\n\nbody", "Subject: a\n\tb\n c\n"), ("no header at all\n\nbody", ""), ("", ""),
    ("\nbody", ""),
    (" folded first\nA: b\n", ""), ("A: b\nbroken line\nC: d\n", "A: b\n"), ("A: b", "A: b\n"),
    ("A : b\n: c\n", "A : b\n"),
  ])
  func `a header is its fields and no more`(mail: String, header: String) {
    #expect(ReturnedMail.header(of: Sample.bytes(mail), limit: 1_000) == Sample.bytes(header))
  }

  @Test func `a header is made clean and cut between lines`() {
    let long = Array("A: ".utf8) + Array(repeating: UInt8(ascii: "x"), count: 2_000)
    let mail = Array("B: a\0b\rc\r\n".utf8) + long + Array("\r\nC: d\r\n".utf8)
    let header = ReturnedMail.header(of: mail, limit: 1_500)
    #expect(header.starts(with: Sample.bytes("B: a?b?c\nA: ")))
    #expect(header.count == 10 + 998 + 2 + 6)
    #expect(ReturnedMail.header(of: mail, limit: 1_000) == Sample.bytes("B: a?b?c\n"))
  }

  @Test func `a header is international where it came with SMTPUTF8 and is UTF-8`() {
    let mail = Sample.bytes("Subject: ö\n\n")
    #expect(returned(mail, needsUTF8: true).mediaType == "message/global")
    #expect(returned(mail).mediaType == "message/rfc822" && returned(mail).is8Bit)
    #expect(returned([83, 58, 0xFF, 13, 10], isWhole: false, needsUTF8: true).mediaType == "text/rfc822-headers")
  }
}
