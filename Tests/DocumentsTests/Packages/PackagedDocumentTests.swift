import Testing

@testable import Documents

struct PackagedDocumentTests {
  @Test(arguments: [
    (
      "minutes.docx",
      """
      Minutes of the harbour meeting
      회의록: 예산 검토
      left right
      below
      gauge
      depth & tide
      Letterhead
      a footnote
      """
    ),
    ("budget.xlsx", "Budget 2024\nNotes\nTide gauge rich text 1234.5\nharpoon computed 東京"),
    ("slides.pptx", "the first slide\nthe second slide\nthe last slide\nspoken notes"),
    ("plan.odt", "Harbour plan\none two three\nfour five"), ("table.ods", "pier\n42"),
    ("book.epub", "One\nOne\nCall me Ishmael.\nTwo\nTwo\nThe sea again."), ("report.hwpx", "결산 보고서"),
  ])
  func `a document says what people read in it, in their order`(name: String, text: String) throws {
    let read = try Fixture.read(name)
    #expect(read.text == text)
    #expect(read.status == .whole)
  }

  @Test func `entities are not resolved, neither within nor without`() throws {
    let attack = try Fixture.read("entities.docx")
    #expect(attack.status != .whole && !attack.text.contains("lol") && !attack.text.contains("root:"))
    let xml = "<!DOCTYPE r [<!ENTITY a \"inner\"><!ENTITY b SYSTEM \"file:///etc/passwd\">]><r>before&a;&b;after</r>"
    var text = DocumentBuffer(limit: 1_000)
    #expect(XMLTextRules(lines: []).read(Array(xml.utf8), into: &text))
    #expect(String(decoding: text.finish(), as: UTF8.self) == "before after")
  }

  @Test func `of a document that unpacks to more than is read the beginning is read`() throws {
    let read = try Fixture.read("bomb.docx")
    #expect(read.text == "beginning")
    #expect(read.status == .cut)
  }

  @Test(arguments: [("deep.docx", "shallow"), ("unclosed.docx", "half")])
  func `what is not well-formed is read as far as it is`(name: String, text: String) throws {
    let read = try Fixture.read(name)
    #expect(read.text == text)
    #expect(read.status == .cut)
  }

  @Test func `text over the limit is cut between characters`() throws {
    let read = try Fixture.read("minutes.docx", limit: 36)
    #expect(read.text == "Minutes of the harbour meeting\n회")
    #expect(read.status == .cut)
  }

  @Test func `every truncation, and every flipped byte, gives text or none`() throws {
    for name in ["minutes.docx", "budget.xlsx", "plan.odt"] {
      let bytes = try Fixture.bytes(name)
      for count in stride(from: 0, to: bytes.count, by: 7) { _ = Fixture.read(Array(bytes[..<count])) }
      for index in stride(from: 0, to: bytes.count, by: 5) {
        var bytes = bytes
        bytes[index] ^= 0x55
        _ = Fixture.read(bytes)
      }
    }
  }
}
