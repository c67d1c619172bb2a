import Bytes
import Foundation
import Testing

@testable import Filter

@Suite(.timeLimit(.minutes(1))) struct ArchiveExaminationTests {
  private func kinds(
    _ bytes: [UInt8], name: String? = "files.zip", limits: ArchiveLimits = ArchiveLimits()
  ) -> Set<Suspicion.Kind> {
    Set(ArchiveExamination.report(on: bytes, name: name, limits: limits).suspicions.map(\.kind))
  }

  /// By Python, which writes what people's programs write.
  private func python(_ program: String, _ input: [UInt8] = []) throws -> [UInt8] {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/python3")
    process.arguments = [
      "-c", "import sys, io, gzip, tarfile, zipfile, bz2, lzma\ndata = bytes.fromhex('\(hex(input))')\n" + program,
    ]
    let pipe = Pipe()
    process.standardOutput = pipe
    try process.run()
    let output = try pipe.fileHandleForReading.readToEnd() ?? Data()
    process.waitUntilExit()
    #expect(process.terminationStatus == 0)
    return Array(output)
  }

  private func hex(_ bytes: [UInt8]) -> String {
    bytes.map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined()
  }

  @Test func `programs and the test file are found by content, whatever they are called`() {
    #expect(kinds(ZipArchive.of("letter.txt", Mails.program)) == [.executable])
    #expect(kinds(ZipArchive.of("letter.txt", Array(EICAR.text.utf8))) == [.eicar])
    #expect(kinds(ZipArchive.of("letter.txt", Array("Dear Bob".utf8))) == [])
  }

  @Test func `names count, but not of what a package holds`() {
    #expect(kinds(ZipArchive.of("a/letter.pdf.js", [])) == [.executableName, .doubleExtension])
    #expect(kinds(ZipArchive.of("script.js", []), name: "book.epub") == [])
    #expect(kinds(ZipArchive.of("script.js", Mails.program), name: "book.epub") == [.executable])
  }

  @Test(arguments: [
    "sys.stdout.buffer.write(gzip.compress(data))", "sys.stdout.buffer.write(bz2.compress(data))",
    "sys.stdout.buffer.write(lzma.compress(data))",
    """
    t = tarfile.open(fileobj=sys.stdout.buffer, mode='w|gz'); i = tarfile.TarInfo('x'); i.size = len(data)
    t.addfile(tarfile.TarInfo('first')); t.addfile(i, io.BytesIO(data)); t.close()
    """,
    """
    b = io.BytesIO(); z = zipfile.ZipFile(b, 'w', zipfile.ZIP_DEFLATED); z.writestr('x', data); z.close()
    sys.stdout.buffer.write(b.getvalue())
    """,
  ])
  func `compressed files and archives of other kinds are looked into`(program: String) throws {
    #expect(kinds(try python(program, Mails.program), name: "letter") == [.executable])
  }

  @Test func `a compressed file is called as it will be when it is unpacked`() throws {
    let bytes = try python("sys.stdout.buffer.write(gzip.compress(b'x'))")
    #expect(kinds(bytes, name: "letter.pdf.exe.gz") == [.executableName, .doubleExtension])
  }

  @Test func `archives in archives are looked into, as deep as is said`() {
    var limits = ArchiveLimits()
    limits.nesting = 3
    var bytes = ZipArchive.of("x", Mails.program)
    for _ in 0..<2 { bytes = ZipArchive.of("inner", bytes) }
    #expect(kinds(bytes, limits: limits) == [.executable])
    #expect(kinds(ZipArchive.of("inner.zip", bytes), limits: limits) == [.unreadArchive])
  }

  @Test func `encrypted files are told, and judged by their names`() {
    #expect(kinds(ZipArchive.of("letter.txt", [1, 2, 3], isEncrypted: true)) == [.encryptedArchive])
    #expect(kinds(ZipArchive.of("letter.exe", [1, 2, 3], isEncrypted: true)) == [.encryptedArchive, .executableName])
  }

  @Test func `damaged archives are told`() {
    var archive = ZipArchive()
    archive.add("one.txt", Array("hello".utf8))
    archive.add("two.txt", Array("world".utf8))
    #expect(kinds(archive.bytes) == [])
    #expect(kinds(Array("PK\u{3}\u{4}".utf8) + [0xFF, 0xFF, 1]) == [.unreadArchive])
  }

  @Test func `what unpacks to far more than it is, or has more files than is sensible, is not unpacked`() throws {
    var limits = ArchiveLimits()
    limits.byteCount = 1 << 20
    limits.entries = 3
    let bomb = try python(
      """
      b = io.BytesIO(); z = zipfile.ZipFile(b, 'w', zipfile.ZIP_DEFLATED); z.writestr('inner.zip', bytes(5000000)); z.close()
      sys.stdout.buffer.write(b.getvalue())
      """)
    #expect(kinds(bomb, limits: limits) == [.archiveBomb])
    let stream = try python("sys.stdout.buffer.write(gzip.compress(b'a' * 5000000))")
    #expect(kinds(stream, name: "x.gz", limits: limits).isSubset(of: [.archiveBomb, .unreadArchive]))
    #expect(!kinds(stream, name: "x.zip", limits: limits).isEmpty)
    var many = ZipArchive()
    for number in 0..<4 { many.add("\(number).txt", [1]) }
    #expect(kinds(many.bytes, limits: limits) == [.unreadArchive])
  }

  @Test func `no cut and no flipped bit is a trap`() {
    var archive = ZipArchive()
    archive.add("one.exe", Mails.program)
    archive.add("inner.zip", ZipArchive.of("x", Array(EICAR.text.utf8)))
    let bytes = archive.bytes
    for end in stride(from: 0, to: bytes.count, by: 7) { _ = kinds(Array(bytes[..<end])) }
    for place in stride(from: 0, to: bytes.count, by: 3) {
      var flipped = bytes
      flipped[place] ^= 0x41
      _ = kinds(flipped)
    }
  }

  @Test func `what is no archive has nothing in it`() {
    #expect(kinds(Array("just a text".utf8), name: "a.zip").isSubset(of: [.unreadArchive]))
  }

  @Test func `a report is read as it was written, and damage is an error`() throws {
    var report = ArchiveReport()
    for number in 0..<100 { report.note(Suspicion(.executable, "file \(number)\n")) }
    report.note(Suspicion(.eicar))
    #expect(report.suspicions.count == ArchiveReport.maxSuspicions + 1)
    let bytes = report.encode()
    #expect(try ArchiveReport(decoding: bytes) == report)
    for end in 0..<bytes.count {
      #expect(throws: DecodingError.self) { try ArchiveReport(decoding: Array(bytes[..<end])) }
    }
    #expect(throws: DecodingError.self) { try ArchiveReport(decoding: bytes + [0]) }
    #expect(throws: DecodingError.self) { try ArchiveReport(decoding: [1, 200, 0]) }
  }
}
