import Bytes

/// Where a run keeps each user's blocks: small enough to stay in memory for every run, so that a user who is not in a
/// run costs a binary search and no read.
///
///     fences := varint user count, then for each user, ascending:
///               varint user delta, varint block count, then for each block, in docID order:
///               varint first docID (delta from the block before), varint last docID - first, varint head bytes,
///               varint frames bytes
///               u32 CRC32C
///
/// Blocks lie one after another from the header on, so offsets are sums.
struct RunFences: Sendable, Equatable {
  struct Block: Sendable, Equatable {
    let user: UInt32
    let offset: UInt64
    let headByteCount: UInt32
    let framesByteCount: UInt64
    let firstDocID: UInt32
    let lastDocID: UInt32

    var framesOffset: UInt64 { offset + UInt64(headByteCount) }
    var end: UInt64 { framesOffset + framesByteCount }
  }

  private(set) var users: [UInt32] = []
  /// For each user the index of its first block; one more than there are users.
  private(set) var firstBlocks: [Int] = [0]
  private(set) var blocks: [Block] = []

  init() {}

  /// Blocks of one user come together, users ascending.
  mutating func append(_ block: Block) {
    if users.last != block.user {
      users.append(block.user)
      firstBlocks.append(blocks.count)
    }
    blocks.append(block)
    firstBlocks[firstBlocks.count - 1] = blocks.count
  }

  func blocks(of user: UserID) -> ArraySlice<Block> {
    var low = 0
    var high = users.count
    while low < high {
      let middle = (low + high) / 2
      if users[middle] < user.rawValue { low = middle + 1 } else { high = middle }
    }
    guard low < users.count, users[low] == user.rawValue else { return [] }
    return blocks[firstBlocks[low]..<firstBlocks[low + 1]]
  }

  func encode() -> [UInt8] {
    var writer = ByteWriter(reserving: blocks.count * 10 + users.count * 3)
    writer.writeVarint(users.count)
    var previousUser: UInt32 = 0
    for (index, user) in users.enumerated() {
      let own = blocks[firstBlocks[index]..<firstBlocks[index + 1]]
      writer.writeVarint(UInt64(user - previousUser))
      writer.writeVarint(own.count)
      var previousDocID: UInt32 = 0
      for block in own {
        writer.writeVarint(UInt64(block.firstDocID - previousDocID))
        writer.writeVarint(UInt64(block.lastDocID - block.firstDocID))
        writer.writeVarint(UInt64(block.headByteCount))
        writer.writeVarint(block.framesByteCount)
        previousDocID = block.lastDocID
      }
      previousUser = user
    }
    writer.write(CRC32C.checksum(writer.bytes))
    return writer.bytes
  }

  /// - Parameters:
  ///   - start: where the first block lies.
  ///   - end: where the fences lie; the blocks must fill everything before.
  init(decoding bytes: [UInt8], blocksFrom start: UInt64, to end: UInt64) throws(DecodingError) {
    var reader = try ByteReader(fences: bytes)
    var offset = start
    var user: UInt32 = 0
    for index in 0..<(try reader.readCount()) {
      user = try Self.add(user, reader.readVarint(), isFirst: index == 0, &reader, "users are not ascending")
      let blockCount = try reader.readCount()
      guard blockCount > 0 else { throw DecodingError(offset: reader.offset, message: "a user without blocks") }
      var docID: UInt32 = 0
      for blockIndex in 0..<blockCount {
        docID = try Self.add(
          docID, reader.readVarint(), isFirst: blockIndex == 0, &reader, "blocks are not ascending by docID")
        let first = docID
        docID = try Self.add(docID, reader.readVarint(), isFirst: true, &reader, "docID out of range")
        let headByteCount = try reader.readVarint()
        let framesByteCount = try reader.readVarint()
        let room = end - offset
        guard headByteCount <= UInt64(UInt32.max), headByteCount <= room, framesByteCount <= room - headByteCount else {
          throw DecodingError(offset: reader.offset, message: "a block beyond the blocks' end")
        }
        append(
          Block(
            user: user, offset: offset, headByteCount: UInt32(headByteCount), framesByteCount: framesByteCount,
            firstDocID: first, lastDocID: docID))
        offset += headByteCount + framesByteCount
      }
    }
    guard reader.isAtEnd, offset == end else {
      throw DecodingError(offset: reader.offset, message: "blocks end at \(offset), expected \(end)")
    }
  }

  private static func add(
    _ value: UInt32, _ delta: UInt64, isFirst: Bool, _ reader: inout ByteReader, _ message: String
  ) throws(DecodingError) -> UInt32 {
    let (sum, overflow) = UInt64(value).addingReportingOverflow(delta)
    guard !overflow, sum <= UInt64(UInt32.max), isFirst || delta > 0 else {
      throw DecodingError(offset: reader.offset, message: message)
    }
    return UInt32(sum)
  }
}
