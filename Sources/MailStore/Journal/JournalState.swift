import Bytes

/// What a journal knows of its files and of the batch it gathers.
struct JournalState: Sendable {
  /// Those that have begun, oldest first.
  var files: [JournalFile] = []
  /// The last of `files`.
  var current: JournalFile.Open?
  /// Exists and has its space, but no header yet.
  var reserved: JournalFile.Open?
  var lastSequence = SequenceNumber.zero
  var batch = JournalBatch(after: .zero)
  /// Why nothing can be written any more.
  var failure: StoreError?

  var nextNumber: UInt64 { (files.last?.number ?? 0) + 1 }

  func requireRunning() throws {
    if let failure { throw failure }
  }
}

/// A file of the journal that has begun.
struct JournalFile: Hashable, Sendable {
  let number: UInt64
  let firstSequence: SequenceNumber
  let salt: UInt32

  /// A file that may be written.
  struct Open: Sendable {
    let number: UInt64
    let file: any File
    var byteCount: UInt64
    /// Behind the last frame.
    var end = UInt64(JournalFormat.headerByteCount)
    var salt: UInt32 = 0

    func hasRoom(for frame: Int) -> Bool { end <= byteCount && UInt64(frame) <= byteCount - end }
  }

  static func path(_ directory: String, _ number: UInt64) -> String {
    let digits = String(number)
    return "\(directory)/\(String(repeating: "0", count: max(0, 10 - digits.count)))\(digits).journal"
  }

  /// - Returns: nil for a name that is none of a journal file.
  static func number(ofName name: String) -> UInt64? {
    guard name.hasSuffix(".journal") else { return nil }
    let digits = name.dropLast(8)
    guard digits.utf8.count == 10, digits.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else { return nil }
    return UInt64(digits)
  }
}

/// Records that wait for a sync, encoded.
struct JournalBatch: Sendable {
  private var records = ByteWriter()
  private(set) var recordCount = 0
  private var lastSequence: SequenceNumber

  init(after sequence: SequenceNumber) { lastSequence = sequence }

  /// - Throws: `StoreError` `.failed` for a record that does not follow the one before it.
  mutating func append(_ record: JournalRecord) throws {
    guard record.sequence == lastSequence.next else {
      throw StoreError(
        code: .failed,
        message: "the journal's next record is \(lastSequence.next), but \(record.sequence) was appended")
    }
    record.encode(into: &records)
    recordCount += 1
    lastSequence = record.sequence
  }

  var payloadByteCount: Int { Self.varintByteCount(recordCount) + records.count }

  var payload: [UInt8] {
    var writer = ByteWriter(reserving: payloadByteCount)
    writer.writeVarint(recordCount)
    writer.write(records.bytes)
    return writer.bytes
  }

  private static func varintByteCount(_ value: Int) -> Int {
    max(1, (Int.bitWidth - value.leadingZeroBitCount + 6) / 7)
  }
}
