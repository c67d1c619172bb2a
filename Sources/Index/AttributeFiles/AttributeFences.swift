import Bytes

/// Where an attribute file keeps each user's part. Twelve bytes of memory for each user: they are kept for every user of every
/// file, asked for or not.
///
///     fences := varint users, then for each user, ascending: varint user delta, varint (bytes of the part << 1 | 1 for a base)
///               u32 CRC32C
///
/// Parts lie one after another in the stream of pages, so offsets are sums.
struct AttributeFences: Sendable, Equatable {
  /// Offset and size are of the stream, without the pages' checksums.
  struct Part: Sendable, Equatable {
    let user: UserID
    let offset: UInt64
    let byteCount: UInt64
    /// What a base does not tell of does not exist; a delta adds to what came before.
    let isBase: Bool
  }

  private static let baseBit: UInt64 = 1 << 63

  private var users: [UInt32] = []
  /// Where each part ends, with the highest bit set for a base.
  private var ends: [UInt64] = []

  init() {}

  var count: Int { users.count }
  var streamByteCount: UInt64 { ends.last.map { $0 & ~Self.baseBit } ?? 0 }
  var lastUser: UserID? { users.last.map(UserID.init(rawValue:)) }
  var byteCount: Int { users.count * 12 }

  /// Users ascending.
  mutating func append(_ user: UserID, end: UInt64, isBase: Bool) {
    users.append(user.rawValue)
    ends.append(end | (isBase ? Self.baseBit : 0))
  }

  /// By place, ascending by user.
  subscript(_ index: Int) -> Part {
    let offset = index == 0 ? 0 : ends[index - 1] & ~Self.baseBit
    return Part(
      user: UserID(rawValue: users[index]), offset: offset, byteCount: (ends[index] & ~Self.baseBit) - offset,
      isBase: ends[index] & Self.baseBit != 0)
  }

  func part(of user: UserID) -> Part? {
    var low = 0
    var high = users.count
    while low < high {
      let middle = (low + high) / 2
      if users[middle] < user.rawValue { low = middle + 1 } else { high = middle }
    }
    return low < users.count && users[low] == user.rawValue ? self[low] : nil
  }

  func encode() -> [UInt8] {
    var writer = ByteWriter(reserving: users.count * 4 + 16)
    writer.writeVarint(users.count)
    var previous: UInt32 = 0
    for index in users.indices {
      let part = self[index]
      writer.writeVarint(UInt64(users[index] - previous))
      writer.writeVarint(part.byteCount << 1 | (part.isBase ? 1 : 0))
      previous = users[index]
    }
    writer.write(CRC32C.checksum(writer.bytes))
    return writer.bytes
  }

  /// - Parameter streamByteCount: of the pages; the parts must fill all of it.
  init(decoding bytes: [UInt8], streamByteCount: UInt64) throws(DecodingError) {
    var reader = try ByteReader(fences: bytes)
    var (user, end): (UInt64, UInt64) = (0, 0)
    let count = try reader.readCount()
    users.reserveCapacity(count)
    ends.reserveCapacity(count)
    for index in 0..<count {
      let delta = try reader.readVarint()
      guard index == 0 || delta > 0, delta <= UInt64(UInt32.max) - user else {
        throw DecodingError(offset: reader.offset, message: "users are not ascending")
      }
      user += delta
      let size = try reader.readVarint()
      guard size > 1, size >> 1 <= streamByteCount - end else {
        throw DecodingError(offset: reader.offset, message: "a part beyond the parts' end")
      }
      end += size >> 1
      append(UserID(rawValue: UInt32(user)), end: end, isBase: size & 1 == 1)
    }
    guard reader.isAtEnd, end == streamByteCount else {
      throw DecodingError(offset: reader.offset, message: "parts end at \(end), expected \(streamByteCount)")
    }
  }
}
