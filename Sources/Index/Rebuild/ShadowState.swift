import Bytes

/// How far a shadow build came, in a file beside the runs: written whenever a shadow file is finished, so that a build
/// goes on after a kill with the user after the last one in it.
///
///     shadow := "MDXSHD1\n", u8 scope (0 all, 1 one user), u32 user, u8 from source, u64 analyzer hash,
///               varint count, count × varint pinned run, varint count, count × varint finished shadow run,
///               u8 has last user, u32 last user, varint users, varint records, varint bytes, u32 CRC32C
struct ShadowState: Equatable, Sendable {
  static let magic = Array("MDXSHD1\n".utf8)
  static let fileName = "shadow"

  var scope: ShadowBuild.Scope
  var isFromSource: Bool
  var analyzerHash: UInt64
  /// The runs that the build reads and, for all users, replaces.
  var pinned: [UInt64]
  var finished: [UInt64] = []
  /// The last user whose records are in a finished file (or who has none).
  var lastUser: UserID?
  var progress = ShadowBuild.Progress()

  func encode() -> [UInt8] {
    var writer = ByteWriter()
    writer.write(Self.magic)
    if case .user(let user) = scope {
      writer.write(UInt8(1))
      writer.write(user.rawValue)
    } else {
      writer.write(UInt8(0))
      writer.write(UInt32(0))
    }
    writer.write(UInt8(isFromSource ? 1 : 0))
    writer.write(analyzerHash)
    for list in [pinned, finished] {
      writer.writeVarint(list.count)
      for number in list { writer.writeVarint(number) }
    }
    writer.write(UInt8(lastUser == nil ? 0 : 1))
    writer.write(lastUser?.rawValue ?? 0)
    writer.writeVarint(progress.users)
    writer.writeVarint(progress.records)
    writer.writeVarint(progress.textByteCount)
    writer.write(CRC32C.checksum(writer.bytes))
    return writer.bytes
  }

  static func decode(_ bytes: [UInt8]) throws(DecodingError) -> ShadowState {
    guard bytes.count > 12, Array(bytes[..<8]) == magic else {
      throw DecodingError(offset: 0, message: "no shadow state")
    }
    var trailer = ByteReader(bytes[(bytes.count - 4)...])
    guard try trailer.readUInt32() == CRC32C.checksum(bytes[..<(bytes.count - 4)]) else {
      throw DecodingError(offset: 0, message: "shadow state checksum")
    }
    var reader = ByteReader(bytes[8..<(bytes.count - 4)])
    let isOneUser = try reader.readUInt8() == 1
    let user = UserID(rawValue: try reader.readUInt32())
    var state = ShadowState(
      scope: isOneUser ? .user(user) : .all, isFromSource: try reader.readUInt8() == 1,
      analyzerHash: try reader.readUInt64(), pinned: [])
    for _ in 0..<(try reader.readCount()) { state.pinned.append(try reader.readVarint()) }
    for _ in 0..<(try reader.readCount()) { state.finished.append(try reader.readVarint()) }
    let hasLastUser = try reader.readUInt8() == 1
    let lastUser = UserID(rawValue: try reader.readUInt32())
    state.lastUser = hasLastUser ? lastUser : nil
    state.progress.users = Int(min(try reader.readVarint(), 1 << 48))
    state.progress.records = Int(min(try reader.readVarint(), 1 << 48))
    state.progress.textByteCount = Int(min(try reader.readVarint(), 1 << 48))
    return state
  }
}
