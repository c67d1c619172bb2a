import Bytes

/// Where a segment keeps each user's part: small enough to stay in memory for every segment, so that a user who is not in
/// one costs a binary search and no read.
///
///     fences := varint user count, then for each user, ascending:
///               varint user delta, varint first docID, varint last docID - first, varint documents,
///               varint bytes of the posting lists, varint bytes of the dictionary, varint bytes of the columns,
///               varint bytes of the head
///               u32 CRC32C
///
/// Parts lie one after another in the stream of pages, so offsets are sums.
struct SegmentFences: Sendable, Equatable {
  /// Offsets and sizes are of the stream, without the pages' checksums.
  struct Part: Sendable, Equatable {
    let user: UInt32
    let offset: UInt64
    let listsByteCount: UInt64
    let dictionaryByteCount: UInt64
    let columnsByteCount: UInt64
    let headByteCount: UInt64
    let firstDocID: UInt32
    let lastDocID: UInt32
    let documentCount: UInt32

    var dictionaryOffset: UInt64 { offset + listsByteCount }
    var columnsOffset: UInt64 { dictionaryOffset + dictionaryByteCount }
    var headOffset: UInt64 { columnsOffset + columnsByteCount }
    var end: UInt64 { headOffset + headByteCount }
    var byteCount: UInt64 { end - offset }
  }

  private(set) var parts: [Part] = []

  init() {}

  /// Users ascending.
  mutating func append(_ part: Part) { parts.append(part) }

  /// The same without the parts of some users.
  func removing(_ users: Set<UserID>) -> SegmentFences {
    var fences = self
    fences.parts.removeAll { users.contains(UserID(rawValue: $0.user)) }
    return fences
  }

  func part(of user: UserID) -> Part? {
    var low = 0
    var high = parts.count
    while low < high {
      let middle = (low + high) / 2
      if parts[middle].user < user.rawValue { low = middle + 1 } else { high = middle }
    }
    return low < parts.count && parts[low].user == user.rawValue ? parts[low] : nil
  }

  func encode() -> [UInt8] {
    var writer = ByteWriter(reserving: parts.count * 16 + 16)
    writer.writeVarint(parts.count)
    var previous: UInt32 = 0
    for part in parts {
      writer.writeVarint(UInt64(part.user - previous))
      writer.writeVarint(UInt64(part.firstDocID))
      writer.writeVarint(UInt64(part.lastDocID - part.firstDocID))
      writer.writeVarint(UInt64(part.documentCount))
      writer.writeVarint(part.listsByteCount)
      writer.writeVarint(part.dictionaryByteCount)
      writer.writeVarint(part.columnsByteCount)
      writer.writeVarint(part.headByteCount)
      previous = part.user
    }
    writer.write(CRC32C.checksum(writer.bytes))
    return writer.bytes
  }

  /// - Parameter streamByteCount: of the pages; the parts must fill all of it.
  init(decoding bytes: [UInt8], streamByteCount: UInt64) throws(DecodingError) {
    var reader = try ByteReader(fences: bytes)
    var offset: UInt64 = 0
    var user: UInt64 = 0
    for index in 0..<(try reader.readCount()) {
      let part = try Self.decodePart(&reader, user: user, isFirst: index == 0, offset: offset, end: streamByteCount)
      user = UInt64(part.user)
      offset = part.end
      parts.append(part)
    }
    guard reader.isAtEnd, offset == streamByteCount else {
      throw DecodingError(offset: reader.offset, message: "parts end at \(offset), expected \(streamByteCount)")
    }
  }

  private static func decodePart(
    _ reader: inout ByteReader, user: UInt64, isFirst: Bool, offset: UInt64, end: UInt64
  ) throws(DecodingError) -> Part {
    func refuse(_ message: String) -> DecodingError { DecodingError(offset: reader.offset, message: message) }
    let delta = try reader.readVarint()
    guard isFirst || delta > 0, delta <= UInt64(UInt32.max), user + delta <= UInt64(UInt32.max) else {
      throw refuse("users are not ascending")
    }
    let first = try reader.readVarint()
    let span = try reader.readVarint()
    let count = try reader.readVarint()
    guard first <= UInt64(UInt32.max), span <= UInt64(UInt32.max) - first, (1...span + 1).contains(count),
      count <= UInt64(UInt32.max)
    else {
      throw refuse("\(count) documents from \(first) on")
    }
    var sizes: [UInt64] = []
    for _ in 0..<4 { sizes.append(try reader.readVarint()) }
    var room = end - offset
    for size in sizes {
      guard size <= room else { throw refuse("a part beyond the parts' end") }
      room -= size
    }
    return Part(
      user: UInt32(user + delta), offset: offset, listsByteCount: sizes[0], dictionaryByteCount: sizes[1],
      columnsByteCount: sizes[2], headByteCount: sizes[3], firstDocID: UInt32(first), lastDocID: UInt32(first + span),
      documentCount: UInt32(count))
  }
}
