import Testing

@Suite(.timeLimit(.minutes(60))) struct ExtractTextCommandTests {
  @Test(arguments: [
    ("budget.xlsx", "Budget 2024\nNotes\nTide gauge rich text 1234.5\nharpoon computed 東京\n"),
    ("korean.zip", "견적서_최종.xls\n계약서 사본.doc\n"), ("hangul.rtf", "회의록\n"),
  ])
  func `what would be searched of a document is printed`(name: String, text: String) async throws {
    #expect(try await succeed(["extract-text", DocumentMail.path(name)]).output == text)
  }

  @Test(arguments: [
    ("locked.pdf", "damaged, or encrypted"), ("generate.py", "none of the kinds"), ("no-such-file", "cannot be read"),
  ])
  func `a document that cannot be read is one line that says why`(name: String, reason: String) async throws {
    #expect(try await fail(["extract-text", DocumentMail.path(name)]).contains(reason))
  }

  @Test func `settings bound what is kept and what a reader takes`() async throws {
    let short = try await MaildexProcess.run(
      ["extract-text", DocumentMail.path("minutes.docx")], environment: ["MAILDEX_EXTRACTION_MAX_TEXT": "1024"])
    #expect(short.status == 0 && short.errors.isEmpty)
    let endless = try await fail(
      ["extract-text", DocumentMail.path("endless.pdf")], environment: ["MAILDEX_EXTRACTION_TIMEOUT": "1"])
    #expect(endless.contains("extraction.timeout"))
  }
}
