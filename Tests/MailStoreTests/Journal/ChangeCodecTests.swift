import Bytes
import MailStore
import TestSupport
import Testing

@Suite struct ChangeCodecTests {
  /// One of each kind, with every optional part there and not there.
  static let bodies: [ChangeBody] = [
    Sample.added(
      Sample.row(
        doc: 300, folder: 2, thread: 7, receivedAt: -5, flags: [.read, .hasAttachment], labels: ["a", "b"],
        summary: fullSummary),
      item: 0, keys: ThreadKeys(messageIDs: [1, .max], subject: 9)),
    Sample.added(Sample.row(doc: 1, summary: MessageSummary())),
    .messageUpdated(
      DocID(rawValue: 300), folder: FolderID(rawValue: 4), flags: [.read, .starred], labels: ["later"]),
    .messageRemoved(DocID(rawValue: .max)),
    .threadsMerged(from: [ThreadID(rawValue: 5), ThreadID(rawValue: 6)], into: ThreadID(rawValue: 2)),
    .folderCreated(Sample.folder(1, name: "Inbox", role: .inbox)),
    .folderCreated(Sample.folder(101, name: "받은 편지")),
    .folderRenamed(FolderID(rawValue: 101), name: ""),
    .folderRemoved(FolderID(rawValue: 101)),
    .queueItemFinished(QueueItemID(rawValue: .max)),
    .mailboxRemoved,
    .searchSaved(Sample.search(1, name: "Rechnungen", query: "subject:rechnung newer_than:2w", notifies: true)),
    .searchSaved(Sample.search(.max, name: "", query: "", updatedAt: .min)),
    .searchRemoved(SavedSearchID(rawValue: .max)),
    .messageMatched(DocID(rawValue: 300), searches: [SavedSearchID(rawValue: 0), SavedSearchID(rawValue: .max)]),
    .messageMatched(DocID(rawValue: 1), searches: []),
    .documentsMissed(
      DocID(rawValue: 300), DocumentRetry(tries: 0, dueAt: Timestamp(rawValue: .max), reason: "busy")),
    .documentsMissed(DocID(rawValue: 300), DocumentRetry(tries: 300, dueAt: nil, reason: "")),
    .documentsMissed(DocID(rawValue: 1), nil),
    .messageReread(DocID(rawValue: 300), record: [1, 2, 3], defects: ["unread-attachment", "nul-byte"]),
    .messageReread(DocID(rawValue: 1), record: [], defects: []),
    Sample.added(Sample.row(doc: 2, verdict: Sample.verdict), item: 3, keys: ThreadKeys(messageIDs: [1], subject: nil)),
  ]

  static var fullSummary: MessageSummary {
    var summary = Sample.summary(messageID: "1@example.org")
    summary.cc = [MessageSummary.Address(name: "", address: "x@example.org")]
    summary.date = Timestamp(rawValue: .min)
    summary.attachments = [
      MessageSummary.Attachment(
        partPath: "2", filename: nil, contentType: "image/png", contentID: "c", isInline: true, byteCount: .max)
    ]
    summary.defects = ["missing-boundary"]
    return summary
  }

  static let record = Sample.record(7, first: 10, bodies)

  static func encode(_ record: JournalRecord) -> [UInt8] {
    var writer = ByteWriter()
    record.encode(into: &writer)
    return writer.bytes
  }

  @Test(arguments: bodies) func `a change comes back as it was`(body: ChangeBody) throws {
    let record = Sample.record(1, first: .max >> 1, [body])
    var reader = ByteReader(Self.encode(record))
    #expect(try JournalRecord(sequence: record.sequence, from: &reader) == record)
    #expect(reader.isAtEnd)
  }

  /// docs/formats/journal.md explains the first of these byte by byte.
  @Test(arguments: [
    (
      ChangeBody.messageUpdated(
        DocID(rawValue: 300), folder: FolderID(rawValue: 4), flags: [.read, .starred], labels: ["later"]),
      "01 01 0a 02 ac02 04 03 01 05 6c61746572"
    ),
    (.messageRemoved(DocID(rawValue: 1)), "01 01 0a 03 01"),
    (
      .threadsMerged(from: [ThreadID(rawValue: 5), ThreadID(rawValue: 6)], into: ThreadID(rawValue: 2)),
      "01 01 0a 04 02 02 05 06"
    ),
    (.folderCreated(Sample.folder(1, name: "Inbox", role: .inbox)), "01 01 0a 05 01 f100000000000000 05 496e626f78 01"),
    (.folderRenamed(FolderID(rawValue: 101), name: "x"), "01 01 0a 06 65 01 78"),
    (.folderRemoved(FolderID(rawValue: 101)), "01 01 0a 07 65"),
    (.queueItemFinished(QueueItemID(rawValue: 128)), "01 01 0a 08 8001"),
    (.mailboxRemoved, "01 01 0a 09"),
    (
      .searchSaved(Sample.search(0x0102_0304_0506_0708, name: "x", query: "y", notifies: true, updatedAt: -1)),
      "01 01 0a 0a 0807060504030201 01 78 01 79 01 01"
    ),
    (.searchRemoved(SavedSearchID(rawValue: 0x0102_0304_0506_0708)), "01 01 0a 0b 0807060504030201"),
    (
      .messageMatched(DocID(rawValue: 300), searches: [SavedSearchID(rawValue: 0x0102_0304_0506_0708)]),
      "01 01 0a 0c ac02 01 0807060504030201"
    ),
    (
      .documentsMissed(DocID(rawValue: 300), DocumentRetry(tries: 2, dueAt: Timestamp(rawValue: 5), reason: "busy")),
      "01 01 0a 0d ac02 01 02 0a 04 62757379"
    ),
    (
      .documentsMissed(DocID(rawValue: 1), DocumentRetry(tries: 5, dueAt: nil, reason: "x")),
      "01 01 0a 0d 01 02 05 01 78"
    ),
    (.documentsMissed(DocID(rawValue: 1), nil), "01 01 0a 0d 01 00"),
    (.messageReread(DocID(rawValue: 1), record: [1, 2], defects: ["x"]), "01 01 0a 0e 01 02 0102 01 01 78"),
  ])
  func `the bytes of a change never alter`(body: ChangeBody, hex: String) {
    #expect(Self.encode(Sample.record(1, first: 10, [body])).hex == hex.filter { $0 != " " })
  }

  @Test func `the bytes of an added message never alter`() {
    let row = Sample.row(doc: 2, thread: 1, receivedAt: 1, labels: ["l"], summary: MessageSummary())
    let body = Sample.added(row, item: 6, keys: ThreadKeys(messageIDs: [0x0102_0304_0506_0708], subject: 0xFF))
    #expect(
      Self.encode(Sample.record(1, first: 10, [body])).hex
        == """
        0101 0a 01 02 01700068e5cf8b01 0200000000000080 01 01 02 00 01016c d20f 03880e8407
        20 52657475726e2d506174683a203c626f62406578616d706c652e6f72673e0d0a 020000000000dec0
        00 0000000000 00 00 00 00 0a 74657874206f66206432 07 01 0807060504030201 01 ff00000000000000
        """.filter { !$0.isWhitespace })
  }

  @Test func `every truncation is an error`() {
    let bytes = Self.encode(Self.record)
    for length in bytes.indices {
      var reader = ByteReader(bytes[..<length])
      #expect(throws: DecodingError.self, "of \(length) bytes") {
        try JournalRecord(sequence: Self.record.sequence, from: &reader)
      }
    }
  }

  /// The checksum of the frame finds damage; here no damage may do more than give an error or another record.
  @Test func `no flipped bit is a trap`() {
    let bytes = Self.encode(Self.record)
    var harmless = 0
    for index in bytes.indices {
      for bit in 0..<8 {
        var damaged = bytes
        damaged[index] ^= 1 << bit
        var reader = ByteReader(damaged)
        let record = try? JournalRecord(sequence: Self.record.sequence, from: &reader)
        if record == Self.record { harmless += 1 }
      }
    }
    // Only bytes that say yes or no have room for a difference without a meaning.
    #expect(harmless < 32)
  }

  @Test func `an unknown kind of change is an error that names it`() {
    var reader = ByteReader([1, 1, 1, 200])
    #expect(throws: DecodingError(offset: 3, message: "expected a kind of change, found 200")) {
      try JournalRecord(sequence: SequenceNumber(rawValue: 1), from: &reader)
    }
  }
}

extension [UInt8] {
  var hex: String { map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined() }
}
