import Bytes
import MailStore
import TestSupport
import Testing

@Suite struct JournalDumpTests {
  @Test func `a journal file prints itself`() throws {
    let files = CrashableFileSystem()
    let journal = try JournalFixture.open(files)
    try journal.append([
      Sample.record(1, first: 1, Array(ChangeCodecTests.bodies[..<5])), JournalFixture.record(2),
    ])
    try journal.sync()
    try journal.append([Sample.record(3, first: 7, Array(ChangeCodecTests.bodies[7..<11]))])
    try journal.sync()
    var bytes = try files.readFile(JournalFixture.firstFile)
    bytes[800] = 1
    #expect(
      JournalDump(bytes).description == """
        journal version 1 shard 3 from #1 salt 0x5a175a17
        32: frame of 407 bytes
          #1
            u1 #1 added d300 018bcfe5-6800-7001-8000-00000000012c in f2 thread 7, \
        text 12 bytes, queue item 0, 2 message ids
            u1 #2 added d1 018bcfe5-6800-7001-8000-000000000001 in f1 thread 1, \
        text 10 bytes, queue item none, 0 message ids
            u1 #3 updated d300 in f4 flags 3 labels 1
            u1 #4 removed d4294967295
            u1 #5 merged threads 5 6 into 2
          #2
            u1 #2 renamed f1
        456: frame of 27 bytes
          #3
            u1 #7 renamed f101
            u1 #8 removed f101
            u1 #9 finished queue item 18446744073709551615
            u1 #9 removed the mailbox
        504: expected the length of a frame, found 0

        """)
  }

  @Test func `saved searches and what they match are printed without their text`() throws {
    let files = CrashableFileSystem()
    let journal = try JournalFixture.open(files)
    let search = Sample.search(7, name: "secret", query: "secret", notifies: true)
    try journal.append([
      Sample.record(
        1, first: 1,
        [
          .searchSaved(search), .searchRemoved(search.id),
          .messageMatched(DocID(rawValue: 1), searches: [search.id, search.id]),
        ])
    ])
    try journal.sync()
    let dump = JournalDump(try files.readFile(JournalFixture.firstFile)).description
    #expect(dump.contains("u1 #1 saved search 0000000000000007, which notifies\n"))
    #expect(dump.contains("u1 #2 removed search 0000000000000007\n"))
    #expect(dump.contains("u1 #3 matched d1 by 2 searches\n"))
    #expect(!dump.contains("secret"))
  }

  @Test func `missed documents are printed with their reason, and what was read of them by its size`() throws {
    let files = CrashableFileSystem()
    let journal = try JournalFixture.open(files)
    let retry = DocumentRetry(tries: 2, dueAt: nil, reason: "timeout")
    try journal.append([
      Sample.record(
        1, first: 1,
        [
          .documentsMissed(DocID(rawValue: 1), retry), .documentsMissed(DocID(rawValue: 2), nil),
          .messageReread(DocID(rawValue: 3), record: Array("secret".utf8), defects: ["nul-byte"]),
        ])
    ])
    try journal.sync()
    let dump = JournalDump(try files.readFile(JournalFixture.firstFile)).description
    #expect(dump.contains("missed documents of d1: timeout, tried again 2 times\n"))
    #expect(dump.contains("missed no documents of d2 any more\n"))
    #expect(dump.contains("u1 #1 read d3 again, text 6 bytes, 1 defects\n"))
    #expect(!dump.contains("secret"))
  }

  @Test func `what is no journal file says so`() {
    #expect(JournalDump([1, 2, 3]).description == "not a journal file, or one that has not begun\n")
  }
}
