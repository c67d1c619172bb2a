import Analysis
import Bytes
import TestSupport

@testable import Index

/// Small records and mutations for the tests of the index.
enum Samples {
  static func record(_ subject: String, body: String = "") -> ExtractedTextRecord {
    var record = ExtractedTextRecord()
    record.subject = subject
    record.from = [.init(name: "Alice Example", address: "alice@example.com")]
    record.to = [.init(name: nil, address: "bob@example.com")]
    record.body = body
    record.messageID = "\(subject)@example.com"
    return record
  }

  static func attributes(_ receivedAt: Int64 = 0) -> DocumentAttributes {
    DocumentAttributes(
      receivedAt: Timestamp(rawValue: receivedAt), folder: FolderID(rawValue: 1), flags: [], labels: [], size: 100,
      thread: 1)
  }

  /// The documents that `add` makes, with their places in time.
  static func keys(_ docIDs: some Sequence<UInt32>) -> [DocumentKey] {
    docIDs.map { DocumentKey(receivedAt: Timestamp(rawValue: Int64($0)), docID: DocID(rawValue: $0)) }
  }

  static func add(_ user: UInt32, _ docID: UInt32, _ subject: String, _ analyzers: AnalyzerSet) -> IndexMutation {
    .add(
      UserID(rawValue: user), DocID(rawValue: docID), attributes(Int64(docID)),
      EncodedRecord.make(record(subject), analyzers))
  }
}

extension ShardIndex {
  static func openForTest(_ disk: any FileSystem, options: IndexOptions = IndexOptions()) throws -> ShardIndex {
    try open(fileSystem: disk, directory: "index", analyzers: .builtIn(), options: options)
  }

  /// Applies mutations as the record with this sequence.
  func commit(_ sequence: UInt64, _ mutations: [IndexMutation]) {
    let sequence = SequenceNumber(rawValue: sequence)
    apply(
      mutations, shardSequence: sequence,
      userSequences: Dictionary(mutations.map { ($0.user, sequence) }, uniquingKeysWith: { $1 }))
  }

  /// The subjects of all records of a user, by docID.
  func subjects(_ user: UInt32) throws -> [UInt32: String] {
    let user = UserID(rawValue: user)
    if snapshot(user) == nil { load(user, attributes: [], userSequence: .zero) }
    guard let records = try snapshot(user)?.openRecords() else { return [:] }
    var subjects: [UInt32: String] = [:]
    for docID in try records.documents().docIDs { subjects[docID.rawValue] = try records.record(docID).subject }
    return subjects
  }
}

/// Every way to flip one bit of every `step`-th byte.
func flips(of bytes: [UInt8], every step: Int = 1) -> some Sequence<(offset: Int, bytes: [UInt8])> {
  stride(from: 0, to: bytes.count, by: step).lazy.map { offset in
    var flipped = bytes
    flipped[offset] ^= 1 << UInt8(offset % 8)
    return (offset, flipped)
  }
}

func hex(_ bytes: [UInt8]) -> String {
  bytes.map { byte in (byte < 16 ? "0" : "") + String(byte, radix: 16) }.joined(separator: " ")
}

extension UserRecords {
  /// The documents of parts that hold the term in one of the fields, that are covered.
  func documents(holding term: [UInt8], in fields: RecordFields) throws -> DocIDBitmap {
    var found: [UInt32] = []
    for part in parts {
      guard let entry = try part.entry(of: term) else { continue }
      var cursor = try part.postings(of: entry, in: fields)
      while cursor.ordinal != PostingCursor.end {
        found.append(part.docIDs[Int(cursor.ordinal)])
        try cursor.next()
      }
    }
    return DocIDBitmap(unordered: found).intersection(covered)
  }
}

extension TermPostings {
  /// Documents with fields; in each field the term stands once to three times.
  init(_ ordinals: [UInt32], _ masks: [UInt16]) {
    self.init()
    for (ordinal, mask) in zip(ordinals, masks) {
      for field in 0..<UInt8(16) where mask & 1 << UInt16(field) != 0 {
        for time in 0...(ordinal + UInt32(field)) % 3 {
          append(ordinal, field: field, position: ordinal % 1_000 + UInt32(field) + time * time * 100)
        }
      }
    }
  }
  /// Adds a document with all its occurrences: for each field of the mask how many there are, and all their positions.
  mutating func append(_ ordinal: UInt32, mask: UInt16, counts: [UInt32], positions: [UInt32]) {
    var place = positions.startIndex
    for (field, count) in zip((0..<UInt8(16)).filter { mask & 1 << UInt16($0) != 0 }, counts) {
      for position in positions[place..<place + Int(count)] { append(ordinal, field: field, position: position) }
      place += Int(count)
    }
  }

  /// All positions, as they were added.
  var positions: [UInt32] {
    var positions: [UInt32] = []
    var rest = gaps[...]
    for more in repeats {
      var next: UInt32 = 0
      for gap in rest.prefix(Int(more) + 1) {
        positions.append(next + gap)
        next += gap + 1
      }
      rest = rest.dropFirst(Int(more) + 1)
    }
    return positions
  }
}
