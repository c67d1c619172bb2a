import Bytes

extension ExtractedTextRecord {
  fileprivate var addressCount: Int { from.count + to.count + cc.count + bcc.count + replyTo.count }
}

/// The documents that become one part of a segment: as many neighbours in arrival as are inverted in memory at a time. A
/// mailbox that was stored in the order of its dates is in that order in its parts then, too.
struct InversionBatch {
  private let index: ShardIndex
  private let user: UserID
  private var documents: [(key: DocumentKey, record: ExtractedTextRecord)] = []
  private var byteCount = 0

  init(_ index: ShardIndex, of user: UserID) {
    self.index = index
    self.user = user
  }

  var count: Int { documents.count }
  var isEmpty: Bool { documents.isEmpty }

  /// By the text as it is, not as it is compressed: a mail of one word a million times is a few bytes then.
  var isFull: Bool { byteCount >= index.options.compaction.inversionByteCount }

  /// - Parameter byteCount: of the record before it is compressed.
  mutating func append(_ key: DocumentKey, _ record: ExtractedTextRecord, byteCount: Int) {
    documents.append((key, record))
    // Addresses of a letter or two take ten times as much in memory as in the record.
    self.byteCount += max(byteCount, record.addressCount * 32)
  }

  /// Inverts the documents, and writes them as one part.
  func write(to files: inout SegmentFiles, throttle: (_ work: Int) throws -> Void) throws {
    let newestFirst = documents.sorted { $0.key > $1.key }
    var inverter = Inverter(index.analyzers)
    for (_, record) in newestFirst {
      inverter.add(record)
      try throttle(256)
    }
    try index.writing {
      try files.withWriter(for: user) { writer in
        writer.beginPart(of: user, docIDs: newestFirst.map(\.key.docID.rawValue))
        try inverter.write(to: &writer)
        try writer.endPart(inverter.columns, truncated: inverter.truncated)
      }
      try files.closeIfLarge(index.options.compaction.segmentByteCount)
    }
  }
}
