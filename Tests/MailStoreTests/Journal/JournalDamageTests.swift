import Bytes
import MailStore
import TestSupport
import Testing

/// What a damaged file may cost: nothing but the batch at its end, and anything more is reported.
@Suite struct JournalDamageTests {
  /// Three batches in one file: records 1 and 2, 3, 4.
  static let records = (1...4).map { JournalFixture.record($0, byteCount: 24) }

  private func write(_ files: CrashableFileSystem) throws -> (bytes: [UInt8], lastFrame: Int, end: Int) {
    let journal = try JournalFixture.open(files, fileByteCount: 512)
    for batch in [Self.records[..<2], Self.records[2..<3], Self.records[3...]] {
      try journal.append(Array(batch))
      try journal.sync()
    }
    journal.close()
    let bytes = try files.readFile(JournalFixture.firstFile)
    let end = (bytes.lastIndex { $0 != 0 } ?? 0) + 1
    var frames = [32]
    while let frame = frames.last, bytes[frame] != 0 {
      frames.append((frame + 16 + Int(bytes[frame]) + 7) / 8 * 8)
    }
    return (bytes, frames[frames.count - 2], end)
  }

  @Test func `a file cut anywhere holds a prefix of its batches`() throws {
    let whole = CrashableFileSystem()
    let written = try write(whole)
    for length in 0..<written.bytes.count {
      let files = CrashableFileSystem()
      try files.createDirectory(JournalFixture.directory)
      try files.createFile(JournalFixture.firstFile, with: Array(written.bytes[..<length]))
      let journal = try JournalFixture.open(files, fileByteCount: 512)
      let found = try JournalFixture.replayed(journal)
      #expect([0, 2, 3, 4].contains(found.count) && found == Array(Self.records[..<found.count]), "\(length) bytes")
      #expect(length < written.end || found.count == 4, "\(length) bytes")
      try journal.append([JournalFixture.record(UInt64(found.count + 1))])
      try journal.sync()
      journal.close()
      #expect(try JournalFixture.replayed(JournalFixture.open(files)).count == found.count + 1, "\(length) bytes")
    }
  }

  @Test func `a flipped bit before the last batch is corruption, named by file and offset`() throws {
    let whole = CrashableFileSystem()
    let written = try write(whole)
    for index in 0..<written.lastFrame {
      let isPadding = index >= 32 && written.bytes[index] == 0 && index % 8 > 0
      let files = CrashableFileSystem()
      try files.createDirectory(JournalFixture.directory)
      var bytes = written.bytes
      bytes[index] ^= 1 << UInt8(index % 8)
      try files.createFile(JournalFixture.firstFile, with: bytes)
      do {
        let found = try JournalFixture.replayed(JournalFixture.open(files, fileByteCount: 512))
        // The zeros between two frames are the only bytes that mean nothing.
        #expect(isPadding && found == Self.records, "byte \(index)")
      } catch let error as StoreError {
        #expect(error.problem?.file == JournalFixture.firstFile, "byte \(index): \(error)")
        #expect((error.problem?.offset ?? .max) <= UInt64(index), "byte \(index): \(error)")
      }
    }
  }

  @Test func `a flipped bit in the last batch or behind it costs that batch at most`() throws {
    let whole = CrashableFileSystem()
    let written = try write(whole)
    for index in written.lastFrame..<written.bytes.count {
      let files = CrashableFileSystem()
      try files.createDirectory(JournalFixture.directory)
      var bytes = written.bytes
      bytes[index] ^= 1 << UInt8(index % 8)
      try files.createFile(JournalFixture.firstFile, with: bytes)
      let found = try JournalFixture.replayed(JournalFixture.open(files, fileByteCount: 512))
      #expect(found == Self.records || found == Array(Self.records[..<3]), "byte \(index)")
    }
  }

  @Test func `a journal that ends before what a view holds is refused, and left as it is`() throws {
    let files = CrashableFileSystem()
    let written = try write(files)
    for damage in [0, 3, 20] {
      try JournalFixture.overwrite(files, JournalFixture.firstFile) { $0[written.lastFrame + damage] ^= 1 }
      let damaged = try files.readFile(JournalFixture.firstFile)
      let steps = files.steps.count
      let error = #expect(throws: StoreError.self) {
        try JournalFixture.open(files, fileByteCount: 512, mustReach: SequenceNumber(rawValue: 4))
      }
      #expect(error?.code == .corrupt)
      #expect(error?.message.contains("ends at #3, but a view of it holds #4") ?? false)
      #expect(error?.message.contains(JournalFixture.directory) ?? false)
      #expect(!files.steps[steps...].contains { $0.kind == .write || $0.kind == .truncate })
      #expect(try files.readFile(JournalFixture.firstFile) == damaged)
      try JournalFixture.overwrite(files, JournalFixture.firstFile) { $0 = written.bytes }
    }
    let whole = try JournalFixture.open(files, fileByteCount: 512, mustReach: SequenceNumber(rawValue: 4))
    #expect(whole.lastSequence == SequenceNumber(rawValue: 4))
  }

  @Test func `a journal without a file is refused where a view holds something`() throws {
    let files = CrashableFileSystem()
    let error = #expect(throws: StoreError.self) {
      try JournalFixture.open(files, mustReach: SequenceNumber(rawValue: 1))
    }
    #expect(error?.message.contains("ends at #0, but a view of it holds #1") ?? false)
  }

  @Test func `damage in a file that others follow is corruption`() throws {
    let files = CrashableFileSystem()
    let journal = try JournalFixture.open(files, fileByteCount: 512)
    for sequence in 1...4 {
      try journal.append([JournalFixture.record(UInt64(sequence), byteCount: 300)])
      try journal.sync()
    }
    journal.close()
    try JournalFixture.overwrite(files, JournalFixture.firstFile) { $0[100] ^= 1 }
    let reopened = try JournalFixture.open(files, fileByteCount: 512)
    let error = #expect(throws: StoreError.self) { try JournalFixture.replayed(reopened) }
    #expect(error?.problem?.file == JournalFixture.firstFile)
    #expect(error?.problem?.offset == 32)
    #expect(try JournalFixture.replayed(reopened, after: SequenceNumber(rawValue: 1)).count == 3)
  }

  @Test func `a missing file in the middle is corruption`() throws {
    let files = CrashableFileSystem()
    let journal = try JournalFixture.open(files, fileByteCount: 512)
    for sequence in 1...3 {
      try journal.append([JournalFixture.record(UInt64(sequence), byteCount: 300)])
      try journal.sync()
    }
    journal.close()
    try files.remove(JournalFixture.directory + "/0000000002.journal")
    #expect(throws: StoreError.self) { try JournalFixture.open(files, fileByteCount: 512) }
  }

  @Test func `a frame inside a mail does not pass for a frame of the journal`() throws {
    let other = CrashableFileSystem()
    let written = try write(other)
    let stolen = Array(written.bytes[32..<written.end])
    let files = CrashableFileSystem()
    let journal = try Journal.open(
      fileSystem: files, directory: JournalFixture.directory, shard: 3,
      options: JournalOptions(fileByteCount: 2_048, makeSalt: { 1 }))
    for shift in 0..<8 {
      let carried = [UInt8](repeating: 7, count: shift) + stolen
      let row = Sample.row(doc: UInt32(shift) + 1)
      try journal.append([
        Sample.record(
          UInt64(shift) + 1, first: 1, [.messageAdded(row, record: carried, queueItem: nil, threadKeys: .none)])
      ])
    }
    try journal.sync()
    journal.close()
    // Torn at its first byte: what follows must not look like anything durable.
    try JournalFixture.overwrite(files, JournalFixture.firstFile) { $0[32] ^= 0xFF }
    #expect(try JournalFixture.replayed(JournalFixture.open(files)).isEmpty)
  }
}
