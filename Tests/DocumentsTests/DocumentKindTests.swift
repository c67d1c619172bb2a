import Testing

@testable import Documents

struct DocumentKindTests {
  @Test(arguments: [
    ("letter.pdf", DocumentKind.pdf), ("minutes.docx", .zip), ("plan.odt", .zip), ("files.zip", .zip),
    ("files.tar", .archive),
    ("files.tar.gz", .archive), ("files.7z", .archive), ("letter.rtf", .richText),
  ])
  func `a kind is told by the first kilobyte`(name: String, kind: DocumentKind) throws {
    let bytes = try Fixture.bytes(name)
    #expect(DocumentKind(bytes) == kind)
    #expect(DocumentKind(Array(bytes.prefix(DocumentKind.beginningByteCount))) == kind)
  }

  @Test func `a header of PDF may stand behind other bytes, within the first kilobyte`() {
    #expect(DocumentKind(Array("From: x\n%%PDF-1.7\n".utf8)) == .pdf)
    #expect(DocumentKind([UInt8](repeating: 0x25, count: 1_100) + Array("%PDF-1.7".utf8)) == nil)
  }

  @Test(arguments: ["", "PK", "%PD", "plain text", "\u{89}PNG\r\n", "{\\rt"])
  func `what is nothing of the kind is none`(text: String) { #expect(DocumentKind(Array(text.utf8)) == nil) }
}
