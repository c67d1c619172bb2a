import Glibc
import Testing

@testable import Documents

struct ArchiveNamesTests {
  /// As `ReadingProcess` does.
  init() { _ = setlocale(LC_CTYPE, "C.UTF-8") }

  @Test(arguments: [
    ("files.zip", "plans/harbour.dwg\nplans/회의록.hwp\n../../etc/traversal.conf"),
    ("files.tar", "logs/tide-2024.log\nlogs/水位.csv"), ("files.tar.gz", "logs/tide-2024.log\nlogs/水位.csv"),
    ("files.7z", "photos/lighthouse.jpg\nphotos/부두.png"), ("korean.zip", "견적서_최종.xls\n계약서 사본.doc"),
    ("notes.csv.gz", ""),
  ])
  func `an archive says the names of what is in it`(name: String, text: String) throws {
    let read = try Fixture.read(name)
    #expect(read.text == text)
    #expect(read.status == .whole)
  }

  @Test func `what only begins as an archive cannot be read`() throws {
    #expect(try Fixture.read("truncated.docx").status != .whole)
    #expect(Fixture.read(Array("PK\u{3}\u{4}".utf8) + [UInt8](repeating: 1, count: 100)).status == .unreadable)
    #expect(Fixture.read(Array("Rar!\u{1A}\u{7}\u{0}".utf8) + [UInt8](repeating: 1, count: 100)).status == .unreadable)
  }

  @Test func `names over the limit are cut`() throws {
    let read = try Fixture.read("files.zip", limit: 20)
    #expect(read.text.hasPrefix("plans/harbour.dwg") && read.text.utf8.count <= 20)
    #expect(read.status == .cut)
  }
}
