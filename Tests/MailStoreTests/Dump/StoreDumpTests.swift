import Bytes
import GRDB
import MailStore
import TestSupport
import Testing

@Suite struct StoreDumpTests {
  private func dump(
    _ path: String, _ files: any FileSystem, user: UInt32? = nil
  ) throws -> (lines: [String], damages: [String]) {
    var lines: [String] = []
    let output = DumpOutput(DumpOutput.Scope(user: user.map { UserID(rawValue: $0) })) { lines.append($0) }
    let beginning = try files.readFile(path)
    let kind = try #require(StoreFileKind(beginning: beginning))
    try kind.dump(path, files, output)
    return (lines, output.damages)
  }

  private func flip(_ path: String, at offset: Int, _ files: any FileSystem) throws {
    let bytes = try files.readFile(path)
    try files.open(path, .readWrite).write([bytes[offset] ^ 4], at: UInt64(offset))
  }

  private func journal(_ files: CrashableFileSystem) throws -> String {
    let journal = try JournalFixture.open(files)
    for number in 1...3 as ClosedRange<UInt64> {
      try journal.append([JournalFixture.record(number)])
      try journal.sync()
    }
    return JournalFixture.firstFile
  }

  @Test func `a journal prints frame by frame what its own dump prints`() throws {
    let files = CrashableFileSystem()
    let path = try journal(files)
    let (lines, damages) = try dump(path, files)
    #expect(damages == [])
    let whole = JournalDump(try files.readFile(path)).description.split(separator: "\n").map(String.init)
    #expect(lines == whole)
    #expect(lines.count { $0.contains(": frame of ") } == 3)
    #expect(try dump(path, files, user: 77).lines.count == 2)
  }

  @Test func `a damaged frame is told with its place, and the frames behind it are printed`() throws {
    let files = CrashableFileSystem()
    let path = try journal(files)
    let frames = try dump(path, files).lines.filter { $0.contains(": frame of ") }
    let offsets = frames.compactMap { Int($0.prefix { $0.isNumber }) }
    try flip(path, at: offsets[1] + 20, files)
    let (lines, damages) = try dump(path, files)
    #expect(damages.count == 1)
    #expect(damages[0].hasPrefix("at byte \(offsets[1]): expected frame checksum "))
    #expect(damages[0].hasSuffix("; the next whole frame is at \(offsets[2])"))
    #expect(lines.filter { $0.contains(": frame of ") } == [frames[0], frames[2]])
    try flip(path, at: offsets[1] + 20, files)
    try flip(path, at: offsets[2] + 4, files)
    #expect(try dump(path, files).damages.first?.hasSuffix(": an unfinished write, or damage") == true)
  }

  @Test func `a pack prints its frames and goes on behind a damaged one`() async throws {
    let files = CrashableFileSystem()
    let store = try PackStore.open(
      fileSystem: files, directory: "data", options: PackOptions(fileByteCount: 1 << 16))
    var references: [BlobReference] = []
    for text in ["one", "two", "three"] {
      references += try await store.append([PackRecord(kind: .original, bytes: Array(text.utf8))])
    }
    let names = try files.list("data/blobs/packs")
    let path = "data/blobs/packs/" + (try #require(names.first))
    var dumped = try dump(path, files)
    #expect(dumped.damages == [])
    #expect(dumped.lines.count { $0.contains(": original, ") } == 3)
    #expect(dumped.lines[0].hasPrefix("pack version 1 number "))
    #expect(dumped.lines.last?.contains("end, 3 frames of ") == true)
    #expect(!dumped.lines.contains { $0.contains("three") })
    try flip(path, at: Int(references[1].offset) + 24, files)
    dumped = try dump(path, files)
    #expect(dumped.damages.count == 1 && dumped.damages[0].hasPrefix("at byte \(references[1].offset): expected "))
    #expect(dumped.lines.count { $0.contains(": original, ") } == 2)
    store.close()
  }

  @Test func `a database prints its counts, and what SQLite finds damaged`() throws {
    try withTemporaryDirectory { directory in
      let path = directory + "/mail.sqlite"
      let view = try MetadataView(path: path)
      // All of it in the file, and nothing in the log beside it.
      _ = try view.checkpoint()
      view.close()
      let files = PosixFileSystem()
      var dumped = try dump(path, files)
      #expect(dumped.damages == [])
      #expect(dumped.lines[0].hasPrefix("database, metadata of a shard, version 4, "))
      #expect(dumped.lines.contains("table message: 0 rows") && dumped.lines.contains("applied_seq 0"))
      var bytes = try files.readFile(path)
      // Behind the file's header of 100 bytes.
      for index in 100..<bytes.count { bytes[index] = 0xFF }
      try files.replaceFile(path, with: bytes)
      for suffix in ["-wal", "-shm"] where files.exists(path + suffix) { try files.remove(path + suffix) }
      dumped = try dump(path, files)
      #expect(!dumped.damages.isEmpty)
    }
  }
}
