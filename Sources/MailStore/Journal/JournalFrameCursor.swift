import Bytes

/// Walks the frames in the bytes of one journal file, and says what stands where they end.
struct JournalFrameCursor {
  struct Frame {
    let offset: Int
    let sequence: SequenceNumber
    let payload: ArraySlice<UInt8>
  }

  private let bytes: [UInt8]
  private let salt: UInt32
  /// Of the next frame, or of whatever follows the last one.
  private(set) var offset: Int
  /// What is at `offset` in place of a further frame; nil while there may be one.
  private(set) var end: NoFrame?

  struct NoFrame: Error {
    let expected: String
    let found: String
  }

  init(_ bytes: [UInt8], salt: UInt32) {
    self.bytes = bytes
    self.salt = salt
    offset = JournalFormat.headerByteCount
  }

  mutating func next() -> Frame? {
    if end != nil { return nil }
    do {
      let frame = try readFrame(at: offset)
      offset += JournalFormat.frameByteCount(payload: frame.payload.count)
      return frame
    } catch {
      end = error
      return nil
    }
  }

  /// Whether only zeros follow: the log ends here and nothing was torn.
  var isCleanEnd: Bool { bytes[min(offset, bytes.count)...].isAllZero }

  /// The next intact frame behind a place where there is none. There can be one only if something durable was damaged:
  /// a batch is written after the batch before it was synced.
  func intactFrame(behind sequence: SequenceNumber) -> (offset: Int, sequence: SequenceNumber)? {
    var place = offset + JournalFormat.alignment
    while place + JournalFormat.frameHeaderByteCount < bytes.count {
      if bytes[place] | bytes[place + 1] | bytes[place + 2] | bytes[place + 3] != 0,
        let found = sequenceNumber(at: place), found > sequence, found.rawValue - sequence.rawValue < 1 << 40,
        let frame = try? readFrame(at: place)
      {
        return (place, frame.sequence)
      }
      place += JournalFormat.alignment
    }
    return nil
  }

  /// - Parameter bytes: those of one frame without its padding, and no more.
  static func frame(in bytes: [UInt8], at offset: UInt64, _ salt: UInt32) throws(NoFrame) -> Frame {
    var cursor = JournalFrameCursor(bytes, salt: salt)
    cursor.offset = 0
    let frame = try cursor.readFrame(at: 0)
    return Frame(offset: Int(offset), sequence: frame.sequence, payload: frame.payload)
  }

  private func sequenceNumber(at place: Int) -> SequenceNumber? {
    var reader = ByteReader(bytes[(place + 8)...])
    return (try? reader.readUInt64()).map { SequenceNumber(rawValue: $0) }
  }

  private func readFrame(at place: Int) throws(NoFrame) -> Frame {
    var reader = ByteReader(bytes[min(place, bytes.count)...])
    guard let length = try? reader.readUInt32(), let found = try? reader.readUInt32(),
      let sequence = try? reader.readUInt64()
    else { throw NoFrame(expected: "a frame", found: "the end of the file") }
    guard length > 0, length <= JournalFormat.maxPayloadByteCount, let payload = try? reader.readBytes(Int(length))
    else { throw NoFrame(expected: "the length of a frame", found: "\(length)") }
    let expected = JournalFormat.checksum(
      length: length, rest: bytes[(place + 8)..<payload.endIndex], salt: salt)
    guard found == expected else {
      throw NoFrame(expected: "frame checksum \(expected.hex)", found: "\(found.hex)")
    }
    return Frame(offset: place, sequence: SequenceNumber(rawValue: sequence), payload: payload)
  }
}

extension JournalFrameCursor.Frame {
  /// The sequence that the next frame begins with.
  func followingSequence() throws(DecodingError) -> SequenceNumber {
    var reader = ByteReader(payload)
    let (following, overflow) = sequence.rawValue.addingReportingOverflow(UInt64(try reader.readCount()))
    if overflow { throw DecodingError(offset: 0, message: "sequence over 64 bits") }
    return SequenceNumber(rawValue: following)
  }

  func records() throws(DecodingError) -> [JournalRecord] {
    var reader = ByteReader(payload)
    var records: [JournalRecord] = []
    let following = try followingSequence()
    let count = try reader.readCount()
    for number in sequence.rawValue..<following.rawValue {
      records.append(try JournalRecord(sequence: SequenceNumber(rawValue: number), from: &reader))
    }
    guard reader.isAtEnd, count > 0 else {
      throw DecodingError(offset: reader.offset, message: "expected the end of \(count) records")
    }
    return records
  }
}
