import Bytes

/// What a search keeps of a user's part of a segment: its documents by ordinal, and the first term of each block of its
/// dictionary.
///
///     head      := u32 user, documents, truncated, varint bytes of each column, varint block count, block count × { varint bytes of the block,
///                  varint length, first term }, u32 CRC32C of the head before it
///     documents := varint count, then runs until the count is reached: signed varint step, varint length: the docID
///                  changes by the step, so many times (the first step is from 0)
///     truncated := varint count, count × varint difference of the ordinal from the one before, less one (the first from -1)
///
/// Ordinals run newest first by (received date, docID). Where mail was stored in the order of its dates, all docIDs are one
/// run of step -1.
struct SegmentPartHead: Sendable, Equatable {
  let user: UInt32
  /// By ordinal.
  let docIDs: [UInt32]
  let documents: DocIDBitmap
  /// The ordinals of documents that hold some term so often that not all its positions are there, ascending.
  let truncated: [UInt32]
  /// Where each of `PartColumn` begins, from the first one; one more than there are.
  let columnOffsets: [UInt64]
  let firstTerms: TermIndex
  /// Where each block of the dictionary begins, from the first one; one more than there are blocks.
  let blockOffsets: [UInt64]

  var byteCount: Int {
    docIDs.count * 4 + documents.byteCount + firstTerms.byteCount + blockOffsets.count * 8 + truncated.count * 4 + 128
  }

  static func encode(
    user: UInt32, docIDs: [UInt32], truncated: [UInt32], columnByteCounts: [Int], firstTerms: [[UInt8]],
    blockByteCounts: [Int]
  ) -> [UInt8] {
    var writer = ByteWriter(reserving: firstTerms.count * 16 + 64)
    writer.write(user)
    writer.writeVarint(docIDs.count)
    var previous: Int64 = 0
    var index = 0
    while index < docIDs.count {
      let step = Int64(docIDs[index]) - previous
      var end = index + 1
      while end < docIDs.count, Int64(docIDs[end]) - Int64(docIDs[end - 1]) == step { end += 1 }
      writer.writeSignedVarint(step)
      writer.writeVarint(end - index)
      previous = Int64(docIDs[end - 1])
      index = end
    }
    writer.writeVarint(truncated.count)
    var last = -1
    for ordinal in truncated {
      writer.writeVarint(Int(ordinal) - last - 1)
      last = Int(ordinal)
    }
    for byteCount in columnByteCounts { writer.writeVarint(byteCount) }
    writer.writeVarint(firstTerms.count)
    for (term, byteCount) in zip(firstTerms, blockByteCounts) {
      writer.writeVarint(byteCount)
      writer.writeLengthPrefixed(term)
    }
    writer.write(CRC32C.checksum(writer.bytes))
    return writer.bytes
  }

  /// - Parameter part: what the fences say; the head must say the same.
  init(decoding bytes: [UInt8], _ part: SegmentFences.Part) throws(DecodingError) {
    guard bytes.count > 4 else { throw DecodingError(offset: 0, message: "a part's head of \(bytes.count) bytes") }
    var trailer = ByteReader(bytes[(bytes.count - 4)...])
    let expected = try trailer.readUInt32()
    let found = CRC32C.checksum(bytes[..<(bytes.count - 4)])
    guard expected == found else {
      throw DecodingError(offset: 0, message: "part head checksum: expected \(expected), found \(found)")
    }
    var reader = ByteReader(bytes[..<(bytes.count - 4)])
    user = try reader.readUInt32()
    docIDs = try Self.decodeDocIDs(&reader, count: Int(part.documentCount))
    documents = DocIDBitmap(unordered: docIDs)
    truncated = try Self.decodeTruncated(&reader, limit: docIDs.count)
    guard user == part.user, documents.count == docIDs.count, docIDs.min() == part.firstDocID,
      docIDs.max() == part.lastDocID
    else {
      throw DecodingError(
        offset: 0,
        message: "expected a part of user \(part.user), documents \(part.firstDocID) to \(part.lastDocID), "
          + "found user \(user), \(docIDs.min() ?? 0) to \(docIDs.max() ?? 0)")
    }
    columnOffsets = try Self.decodeColumnOffsets(&reader, end: part.columnsByteCount)
    var firstTerms = TermIndex()
    var offsets: [UInt64] = [0]
    for _ in 0..<(try reader.readCount()) {
      let byteCount = try reader.readVarint()
      guard byteCount <= part.dictionaryByteCount - offsets[offsets.count - 1] else {
        throw DecodingError(offset: reader.offset, message: "a block beyond the dictionary's end")
      }
      offsets.append(offsets[offsets.count - 1] + byteCount)
      firstTerms.append(try reader.readLengthPrefixed())
    }
    guard reader.isAtEnd, offsets[offsets.count - 1] == part.dictionaryByteCount else {
      throw DecodingError(offset: reader.offset, message: "the blocks are not the whole dictionary")
    }
    self.firstTerms = firstTerms
    blockOffsets = offsets
  }

  private static func decodeColumnOffsets(
    _ reader: inout ByteReader, end: UInt64
  ) throws(DecodingError) -> [UInt64] {
    var offsets: [UInt64] = [0]
    for _ in PartColumn.allCases {
      let byteCount = try reader.readVarint()
      guard byteCount <= end - offsets[offsets.count - 1] else {
        throw DecodingError(offset: reader.offset, message: "a column beyond the columns' end")
      }
      offsets.append(offsets[offsets.count - 1] + byteCount)
    }
    guard offsets[offsets.count - 1] == end else {
      throw DecodingError(offset: reader.offset, message: "columns of \(offsets[offsets.count - 1]) bytes, not \(end)")
    }
    return offsets
  }

  private static func decodeTruncated(_ reader: inout ByteReader, limit: Int) throws(DecodingError) -> [UInt32] {
    var ordinals: [UInt32] = []
    var last = -1
    for _ in 0..<(try reader.readCount()) {
      let gap = try reader.readVarint()
      guard gap < UInt64(limit - last - 1) else {
        throw DecodingError(offset: reader.offset, message: "an ordinal beyond \(limit) documents")
      }
      last += Int(gap) + 1
      ordinals.append(UInt32(last))
    }
    return ordinals
  }

  private static func decodeDocIDs(_ reader: inout ByteReader, count: Int) throws(DecodingError) -> [UInt32] {
    guard try reader.readVarint() == UInt64(count) else {
      throw DecodingError(offset: reader.offset, message: "expected \(count) documents")
    }
    var docIDs: [UInt32] = []
    docIDs.reserveCapacity(min(count, 1 << 20))
    var docID: Int64 = 0
    while docIDs.count < count {
      let step = try reader.readSignedVarint()
      let length = try reader.readVarint()
      guard length > 0, length <= UInt64(count - docIDs.count), step.magnitude <= UInt64(UInt32.max) else {
        throw DecodingError(offset: reader.offset, message: "more than \(count) documents")
      }
      for _ in 0..<length {
        docID += step
        guard let value = UInt32(exactly: docID) else {
          throw DecodingError(offset: reader.offset, message: "docID out of range")
        }
        docIDs.append(value)
      }
    }
    return docIDs
  }
}

/// Terms in one piece of memory, searched by bytes.
struct TermIndex: Sendable, Equatable {
  private var bytes: [UInt8] = []
  private var ends: [UInt32] = []

  var count: Int { ends.count }
  var byteCount: Int { bytes.count + ends.count * 4 }

  mutating func append(_ term: ArraySlice<UInt8>) {
    bytes += term
    ends.append(UInt32(bytes.count))
  }

  subscript(index: Int) -> ArraySlice<UInt8> { bytes[start(index)..<Int(ends[index])] }

  private func start(_ index: Int) -> Int { index == 0 ? 0 : Int(ends[index - 1]) }

  /// The last term that is not above `term`; `nil` where all are.
  func lastIndex(notAbove term: [UInt8]) -> Int? {
    var low = 0
    var high = count
    while low < high {
      let middle = (low + high) / 2
      if isAbove(middle, term) { high = middle } else { low = middle + 1 }
    }
    return low == 0 ? nil : low - 1
  }

  private func isAbove(_ index: Int, _ term: [UInt8]) -> Bool {
    let start = start(index)
    let length = Int(ends[index]) - start
    let limit = min(length, term.count)
    for offset in 0..<limit where bytes[start + offset] != term[offset] { return bytes[start + offset] > term[offset] }
    return length > term.count
  }
}
