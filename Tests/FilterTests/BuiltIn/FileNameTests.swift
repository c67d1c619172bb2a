import Testing

@testable import Filter

@Suite struct FileNameTests {
  @Test(arguments: [
    "setup.exe", "SETUP.EXE", "invoice.pdf.exe", "a.js", "b.lnk", "c.ISO", "run.exe. . ", "x/y\\z.scr",
    "photo\u{202E}gpj.exe",
    "a.e\u{200E}xe", "a. exe", "evil.exe\u{0}",
  ])
  func `what a double click runs is told by its name`(name: String) {
    #expect(FileName(name).isExecutable)
  }

  @Test(arguments: [
    "", "letter.pdf", "exe", "exe.txt", "alice@example.com", "www.example.com", "notes.exe.txt", "report", "/", ".",
  ])
  func `other names are harmless`(name: String) {
    #expect(!FileName(name).isExecutable)
  }

  @Test func `two endings, an overridden direction and blanks are tricks`() {
    #expect(FileName("invoice.pdf.exe").isDouble && FileName("invoice.pdf      .exe").isDouble)
    #expect(!FileName("invoice.v2.exe").isDouble && !FileName("exe.pdf").isDouble)
    #expect(FileName("cod\u{202E}fdp.exe").isDeceptive)
    #expect(FileName("invoice.pdf" + String(repeating: " ", count: 60) + ".exe").isDeceptive)
    #expect(!FileName("שלום.pdf").isDeceptive && !FileName("my long name.pdf").isDeceptive)
  }

  @Test func `archives, packages and what a compressed file holds`() {
    #expect(FileName("a.zip").isArchive && FileName("a.tar.GZ").isArchive && !FileName("a.docx").isArchive)
    #expect(FileName("a.docx").isPackage && !FileName("a.zip").isPackage)
    #expect(FileName("tool.exe.gz").withoutLastExtension == "tool.exe")
  }
}
