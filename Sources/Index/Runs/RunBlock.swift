import Bytes

/// The unit of a run: up to 32 text records of one user, or 64 KiB of frames. Its head can be read alone.
///
///     block  := head frame*
///     head   := u32 user, u32 first docID, u8 count, u32 byte count of the head,
///               count × { varint docID delta (0 for the first), varint frame bytes, u32 CRC32C of the frame },
///               filter, u32 CRC32C of the head before it
enum RunBlock {
  static let documentLimit = 32
  static let frameByteLimit = 64 << 10
}

/// A block's head: its documents, where their frames lie, and the filter of their terms.
struct RunBlockHead: Sendable, Equatable {
  let user: UInt32
  /// Ascending.
  private(set) var docIDs: [UInt32] = []
  /// From the first frame; one more than there are documents.
  private(set) var frameOffsets: [UInt64] = [0]
  private(set) var frameChecksums: [UInt32] = []
  /// `nil`: may hold any term.
  let filter: TermFilter?

  /// - Parameter records: ascending by docID, one to 32.
  init(user: UserID, records: [(docID: DocID, record: EncodedRecord)], isFiltered: Bool = true) {
    precondition(!records.isEmpty && records.count <= RunBlock.documentLimit)
    self.user = user.rawValue
    for (docID, record) in records {
      docIDs.append(docID.rawValue)
      frameOffsets.append(frameOffsets[frameOffsets.count - 1] + UInt64(record.frame.count))
      frameChecksums.append(CRC32C.checksum(record.frame))
    }
    filter = isFiltered ? TermFilter(records.map(\.record.termHashes)) : nil
  }

  var framesByteCount: UInt64 { frameOffsets[frameOffsets.count - 1] }
  /// What the head takes in memory, roughly.
  var byteCount: Int { docIDs.count * 16 + (filter?.byteCount ?? 0) + 96 }

  func index(of docID: DocID) -> Int? {
    var low = 0
    var high = docIDs.count
    while low < high {
      let middle = (low + high) / 2
      if docIDs[middle] < docID.rawValue { low = middle + 1 } else { high = middle }
    }
    return low < docIDs.count && docIDs[low] == docID.rawValue ? low : nil
  }

  func encode() -> [UInt8] {
    var writer = ByteWriter(reserving: (filter?.hashes.count ?? 0) * 3 + docIDs.count * 8 + 32)
    writer.write(user)
    writer.write(docIDs[0])
    writer.write(UInt8(docIDs.count))
    let lengthOffset = writer.count
    writer.write(UInt32(0))
    var previous = docIDs[0]
    for index in docIDs.indices {
      writer.writeVarint(UInt64(docIDs[index] - previous))
      writer.writeVarint(frameOffsets[index + 1] - frameOffsets[index])
      writer.write(frameChecksums[index])
      previous = docIDs[index]
    }
    if let filter {
      filter.encode(into: &writer, documentCount: docIDs.count)
    } else {
      writer.write(UInt8(0))
    }
    writer.overwrite(at: lengthOffset, with: UInt32(writer.count + 4))
    writer.write(CRC32C.checksum(writer.bytes))
    return writer.bytes
  }

  /// - Parameters:
  ///   - bytes: exactly the head.
  ///   - withFilter: false leaves the filter out, which is nearly all of the head, for who looks for one document.
  init(decoding bytes: [UInt8], withFilter: Bool = true) throws(DecodingError) {
    guard bytes.count > 4 else { throw DecodingError(offset: 0, message: "a block head of \(bytes.count) bytes") }
    var trailer = ByteReader(bytes[(bytes.count - 4)...])
    let expected = try trailer.readUInt32()
    let found = CRC32C.checksum(bytes[..<(bytes.count - 4)])
    guard expected == found else {
      throw DecodingError(offset: 0, message: "block head checksum: expected \(expected), found \(found)")
    }
    var reader = ByteReader(bytes[..<(bytes.count - 4)])
    user = try reader.readUInt32()
    var docID = UInt64(try reader.readUInt32())
    let count = Int(try reader.readUInt8())
    guard (1...RunBlock.documentLimit).contains(count) else {
      throw DecodingError(offset: reader.offset, message: "expected 1 to 32 documents, found \(count)")
    }
    let length = try reader.readUInt32()
    guard Int(length) == bytes.count else {
      throw DecodingError(offset: reader.offset, message: "expected a head of \(length) bytes, found \(bytes.count)")
    }
    for index in 0..<count {
      let delta = try reader.readVarint()
      let (next, overflow) = docID.addingReportingOverflow(delta)
      guard !overflow, next <= UInt64(UInt32.max), (index == 0) == (delta == 0) else {
        throw DecodingError(offset: reader.offset, message: "docIDs are not ascending")
      }
      docID = next
      docIDs.append(UInt32(docID))
      let frameByteCount = try reader.readVarint()
      guard frameByteCount <= UInt64(UInt32.max) else {
        throw DecodingError(offset: reader.offset, message: "a frame of \(frameByteCount) bytes")
      }
      frameOffsets.append(frameOffsets[index] + frameByteCount)
      frameChecksums.append(try reader.readUInt32())
    }
    guard withFilter else {
      filter = nil
      return
    }
    var rest = reader
    if try rest.readUInt8() == 0 {
      filter = nil
      reader = rest
    } else {
      filter = try TermFilter(from: &reader, documentCount: count)
    }
    guard reader.isAtEnd else {
      throw DecodingError(offset: reader.offset, message: "\(reader.remaining) bytes after the block head's end")
    }
  }
}
