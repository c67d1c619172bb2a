import Bytes
import MailStore
import TestSupport
import Testing

@Suite struct JournalTests {
  let files = CrashableFileSystem()

  @Test func `what was synced is replayed in order after reopening`() throws {
    let records = (1...5).map { JournalFixture.record($0) }
    let journal = try JournalFixture.open(files)
    try journal.append(Array(records[..<2]))
    try journal.sync()
    try journal.append(Array(records[2...]))
    try journal.sync()
    journal.close()

    let reopened = try JournalFixture.open(files)
    #expect(reopened.lastSequence == SequenceNumber(rawValue: 5))
    #expect(try JournalFixture.replayed(reopened) == records)
    #expect(try JournalFixture.replayed(reopened, after: SequenceNumber(rawValue: 3)) == Array(records[3...]))
    #expect(try JournalFixture.replayed(reopened, after: SequenceNumber(rawValue: 5)) == [])
  }

  @Test func `appending writes nothing, and a sync is one write and one fdatasync`() throws {
    let journal = try JournalFixture.open(files)
    try journal.append([JournalFixture.record(1)])
    try journal.sync()
    let before = files.steps.count
    for sequence in 2...4 { try journal.append([JournalFixture.record(UInt64(sequence))]) }
    #expect(files.steps.count == before)
    #expect(journal.lastSequence == SequenceNumber(rawValue: 1))
    try journal.sync()
    #expect(files.steps[before...].map(\.kind) == [.write, .sync])
    try journal.sync()
    #expect(files.steps.count == before + 2)
  }

  @Test func `files are preallocated before they are written`() throws {
    let journal = try JournalFixture.open(files)
    try journal.append([JournalFixture.record(1)])
    try journal.sync()
    #expect(try files.readFile(JournalFixture.firstFile).count == 4_096)
  }

  /// docs/formats/journal.md explains these bytes.
  @Test func `the bytes of a file never alter`() throws {
    let journal = try JournalFixture.open(files, fileByteCount: 128)
    let body = ChangeBody.messageUpdated(
      DocID(rawValue: 300), folder: FolderID(rawValue: 4), flags: [.read, .starred], labels: ["later"])
    try journal.append([Sample.record(1, first: 10, [body])])
    try journal.sync()
    let expected = """
      4d44584a524e4c0a 01000000 03000000 0100000000000000 175a175a 702b4892
      10000000 459aaccd 0100000000000000 01 01010a02ac0204030105 6c61746572
      """
    let bytes = try files.readFile(JournalFixture.firstFile)
    #expect(bytes.hex == expected.filter { !$0.isWhitespace } + String(repeating: "0", count: 128))
  }

  @Test func `a batch that does not fit goes to the next file as a whole`() throws {
    let journal = try JournalFixture.open(files, fileByteCount: 1_024)
    var records: [JournalRecord] = []
    for sequence in 1...40 {
      records.append(JournalFixture.record(UInt64(sequence), byteCount: 100))
      try journal.append([records[sequence - 1]])
      if sequence % 3 == 0 { try journal.sync() }
    }
    try journal.sync()
    #expect(try files.list(JournalFixture.directory).count > 4)
    #expect(try JournalFixture.replayed(journal) == records)
    journal.close()
    #expect(try JournalFixture.replayed(JournalFixture.open(files)) == records)
  }

  @Test func `a record larger than a file gets a file of its own`() throws {
    let records = [10, 5_000, 10].enumerated().map { JournalFixture.record(UInt64($0 + 1), byteCount: $1) }
    let journal = try JournalFixture.open(files, fileByteCount: 1_024)
    for record in records {
      try journal.append([record])
      try journal.sync()
    }
    #expect(try files.list(JournalFixture.directory).count == 3)
    journal.close()
    #expect(try JournalFixture.replayed(JournalFixture.open(files)) == records)
  }

  @Test func `trimming deletes whole files that end at or before the sequence`() throws {
    let journal = try JournalFixture.open(files, fileByteCount: 512)
    for sequence in 1...10 {
      try journal.append([JournalFixture.record(UInt64(sequence), byteCount: 250)])
      try journal.sync()
    }
    let before = try files.list(JournalFixture.directory)
    try journal.trim(through: SequenceNumber(rawValue: 5))
    let kept = try JournalFixture.replayed(journal, after: SequenceNumber(rawValue: 5))
    #expect(kept.map(\.sequence.rawValue) == [6, 7, 8, 9, 10])
    #expect(try files.list(JournalFixture.directory).count < before.count)
    try journal.trim(through: SequenceNumber(rawValue: 10))
    #expect(try files.list(JournalFixture.directory).count == 1)
    journal.close()

    let reopened = try JournalFixture.open(files, fileByteCount: 512)
    #expect(reopened.lastSequence == SequenceNumber(rawValue: 10))
    #expect(throws: StoreError.self) { try JournalFixture.replayed(reopened) }
    try reopened.append([JournalFixture.record(11)])
    try reopened.sync()
    #expect(try JournalFixture.replayed(reopened, after: SequenceNumber(rawValue: 10)).count == 1)
  }

  @Test func `a view that is ahead of the journal is an error`() throws {
    let journal = try JournalFixture.open(files)
    let error = #expect(throws: StoreError.self) {
      try JournalFixture.replayed(journal, after: SequenceNumber(rawValue: 1))
    }
    #expect(error?.code == .corrupt)
  }

  @Test func `a record that leaves a gap is refused, and the one that was due is taken`() throws {
    let journal = try JournalFixture.open(files)
    for wrong in [UInt64(0), 2, 1 << 62] {
      let error = #expect(throws: StoreError.self) { try journal.append([JournalFixture.record(wrong)]) }
      #expect(error?.message.contains("next record is #1") ?? false)
    }
    #expect(throws: StoreError.self) { try journal.append([JournalFixture.record(1), JournalFixture.record(3)]) }
    try journal.append([JournalFixture.record(1)])
    try journal.sync()
    #expect(journal.lastSequence == SequenceNumber(rawValue: 1))
  }

  @Test func `a batch over the limit is refused before a byte is written, and the journal goes on`() throws {
    let options = JournalOptions(fileByteCount: 512, maxBatchByteCount: 1_000, makeSalt: { 7 })
    let journal = try Journal.open(
      fileSystem: files, directory: JournalFixture.directory, shard: 3, options: options)
    try journal.append([JournalFixture.record(1, byteCount: 600)])
    let before = files.steps.count
    let error = #expect(throws: StoreError.self) { try journal.append([JournalFixture.record(2, byteCount: 600)]) }
    #expect(error?.code == .tooLarge)
    #expect(files.steps.count == before)
    try journal.sync()
    try journal.append([JournalFixture.record(2, byteCount: 600)])
    try journal.sync()
    #expect(throws: StoreError.self) { try journal.append([JournalFixture.record(3, byteCount: 1_001)]) }
    journal.close()
    #expect(try JournalFixture.replayed(JournalFixture.open(files)).map(\.sequence.rawValue) == [1, 2])
  }

  @Test func `no option lets a frame through that recovery would take for torn`() {
    #expect(JournalOptions(maxBatchByteCount: .max).maxBatchByteCount == 1 << 30)
  }

  @Test func `the size of a record is estimated without encoding it`() {
    let big = Change(
      user: UserID(rawValue: 1), userSequence: SequenceNumber(rawValue: 1),
      body: .messageAdded(
        Sample.row(doc: 1, labels: ["one", "two"], summary: ChangeCodecTests.fullSummary),
        record: [UInt8](repeating: 1, count: 100_000), queueItem: nil,
        threadKeys: ThreadKeys(messageIDs: [1, 2], subject: 3)))
    let samples = [[big]] + ChangeCodecTests.bodies.map { Sample.record(1, first: 1, [$0]).changes }
    for changes in samples {
      let record = JournalRecord(sequence: SequenceNumber(rawValue: 1), changes: changes)
      var writer = ByteWriter()
      record.encode(into: &writer)
      #expect(record.estimatedByteCount >= writer.count)
      #expect(record.estimatedByteCount <= writer.count + 300)
    }
  }

  @Test func `a process without descriptors refuses the append, and passes`() throws {
    let journal = try JournalFixture.open(files, fileByteCount: 512)
    try journal.append([JournalFixture.record(1, byteCount: 300)])
    try journal.sync()
    for kind in [CrashPlan.Step.Kind.create, .syncDirectory] {
      files.plan = CrashPlan(failure: { $0.kind == kind ? .noDescriptors : nil })
      let error = #expect(throws: StoreError.self) { try journal.append([JournalFixture.record(2, byteCount: 300)]) }
      #expect(error?.code == .noSpace, "\(kind)")
    }
    files.plan = CrashPlan()
    try journal.append([JournalFixture.record(2, byteCount: 300)])
    try journal.sync()
    #expect(try JournalFixture.replayed(JournalFixture.open(files.reopened(.dropped))).count == 2)
  }

  @Test func `a trim that could not sync a removal does it before the next one`() throws {
    let journal = try JournalFixture.open(files, fileByteCount: 512)
    for sequence in 1...4 {
      try journal.append([JournalFixture.record(UInt64(sequence), byteCount: 300)])
      try journal.sync()
    }
    files.plan = CrashPlan(failure: { $0.kind == .syncDirectory ? .noDescriptors : nil })
    #expect(throws: FileError.self) { try journal.trim(through: SequenceNumber(rawValue: 2)) }
    files.plan = CrashPlan()
    // Stops after the second removal, before its sync.
    let steps = files.steps.count
    files.plan = CrashPlan(crashAtStep: steps + 3)
    #expect(throws: FileError.self) { try journal.trim(through: SequenceNumber(rawValue: 2)) }
    #expect(files.steps[steps...].map(\.kind) == [.remove, .syncDirectory, .remove])
    for seed in UInt64(0)..<20 {
      let after = try JournalFixture.open(files.reopened(.torn(seed: seed)), fileByteCount: 512)
      #expect(try JournalFixture.replayed(after, after: SequenceNumber(rawValue: 2)).count == 2, "seed \(seed)")
    }
  }

  @Test func `a full disk refuses the append, takes nothing of it, and passes`() throws {
    let journal = try JournalFixture.open(files, fileByteCount: 512)
    try journal.append([JournalFixture.record(1, byteCount: 300)])
    try journal.sync()
    try journal.append([JournalFixture.record(2, byteCount: 40)])
    files.plan = CrashPlan(byteQuota: 512)
    let error = #expect(throws: StoreError.self) {
      try journal.append([JournalFixture.record(3, byteCount: 20), JournalFixture.record(4, byteCount: 300)])
    }
    #expect(error?.code == .noSpace)
    // What fitted before still does, and is what a sync writes.
    try journal.sync()
    #expect(journal.lastSequence == SequenceNumber(rawValue: 2))
    files.plan = CrashPlan()
    try journal.append([JournalFixture.record(3, byteCount: 300)])
    try journal.sync()
    journal.close()
    #expect(try JournalFixture.replayed(JournalFixture.open(files)).map(\.sequence.rawValue) == [1, 2, 3])
  }

  @Test(arguments: [CrashPlan.Step.Kind.write, .sync])
  func `a failed write or sync is final until the journal is opened again`(kind: CrashPlan.Step.Kind) throws {
    let journal = try JournalFixture.open(files)
    try journal.append([JournalFixture.record(1)])
    try journal.sync()
    let hasFailed = Locked(false)
    files.plan = CrashPlan(failure: { step in
      guard step.kind == kind else { return nil }
      return hasFailed.withLock { failed in
        defer { failed = true }
        return failed ? nil : .failed
      }
    })
    try journal.append([JournalFixture.record(2)])
    for attempt in 1...2 {
      let error = #expect(throws: StoreError.self, "attempt \(attempt)") { try journal.sync() }
      #expect(error?.code == .stopped)
    }
    #expect(throws: StoreError.self) { try journal.append([JournalFixture.record(2)]) }
    #expect(journal.lastSequence == SequenceNumber(rawValue: 1))
    let reopened = try JournalFixture.open(files.reopened(.dropped))
    #expect(reopened.lastSequence == SequenceNumber(rawValue: 1))
  }

  @Test func `a file of a newer version is refused by name`() throws {
    let journal = try JournalFixture.open(files)
    try journal.append([JournalFixture.record(1)])
    try journal.sync()
    journal.close()
    try JournalFixture.overwrite(files, JournalFixture.firstFile) { bytes in
      bytes[8] = 2
      var crc = ByteWriter()
      crc.write(CRC32C.checksum(bytes[..<28]))
      bytes.replaceSubrange(28..<32, with: crc.bytes)
    }
    let error = #expect(throws: StoreError.self) { try JournalFixture.open(files) }
    #expect(error?.message.contains("data of a newer version") ?? false)
    #expect(error?.message.contains(JournalFixture.firstFile) ?? false)
  }

  @Test func `a journal of another shard is refused`() throws {
    let journal = try JournalFixture.open(files, shard: 1)
    try journal.append([JournalFixture.record(1)])
    try journal.sync()
    journal.close()
    #expect(throws: StoreError.self) { try JournalFixture.open(files, shard: 2) }
  }
}
