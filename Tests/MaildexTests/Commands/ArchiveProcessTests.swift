import Filter
import Foundation
import Testing

/// What the built-in filter starts to look into archives, with the real program.
@Suite(.timeLimit(.minutes(5))) struct ArchiveProcessTests {
  private func suspicions(in file: [UInt8], named name: String) throws -> [String] {
    var limits = ArchiveLimits()
    limits.time = .seconds(60)
    let program = [try MaildexProcess.executable().path, ArchiveProcess.command]
    return try ArchiveProcess.symbols(of: file, named: name, program: program, limits: limits)
  }

  @Test func `an archive is looked into by a process that is confined`() throws {
    let files = try Data(contentsOf: URL(fileURLWithPath: DocumentMail.path("files.7z")))
    #expect(try suspicions(in: Array(files), named: "files.7z") == [])
    let hidden = DeflateBomb.gzip(plainByteCount: 100)
    #expect(
      try suspicions(in: hidden, named: "견적서.pdf.exe.gz") == [
        "MAILDEX_EXECUTABLE_NAME", "MAILDEX_DOUBLE_EXTENSION",
      ])
  }

  @Test func `what would unpack to a gigabyte is begun, and not unpacked`() throws {
    // Of a file of zeros in a zip the beginning tells all that there is to see.
    #expect(try suspicions(in: DeflateBomb.zip(plainByteCount: 1 << 30), named: "bomb.zip") == [])
  }
}
