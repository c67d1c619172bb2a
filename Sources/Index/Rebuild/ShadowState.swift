import Bytes

/// How far a shadow build came, in a file beside the runs: written whenever shadow files are finished, so that a build goes on
/// after a kill with the document after the last one in them.
///
///     shadow  := "MDXSHD2\n", u8 scope (0 all, 1 one user), u32 user, u8 from source, u64 analyzer hash,
///                numbers (pinned runs), numbers (finished runs), numbers (finished segments),
///                u8 has last user, u32 last user, u8 has partial, partial, varint users, varint records, varint bytes,
///                u32 CRC32C
///     partial := u32 user, u32 last docID, numbers (segments)
///     numbers := varint count, count × varint
///
/// A build of the first version, "MDXSHD1\n", which made no segments, is not gone on with.
struct ShadowState: Equatable, Sendable {
  static let magic = Array("MDXSHD2\n".utf8)
  static let fileName = "shadow"

  /// A user of whom a part is done.
  struct Partial: Equatable, Sendable {
    var user: UserID
    /// The last document in a finished run.
    var lastDocID: DocID
    /// What is inverted of the user, in files that no other user has a part in.
    var segments: [UInt64]
  }

  var scope: ShadowBuild.Scope
  var isFromSource: Bool
  var analyzerHash: UInt64
  /// The runs that the build reads and, for all users, replaces.
  var pinned: [UInt64]
  var finishedRuns: [UInt64] = []
  /// Each user has one part in one of them.
  var finishedSegments: [UInt64] = []
  /// The last user who is in finished files altogether (or has no mail).
  var lastUser: UserID?
  /// Comes after the last user.
  var partial: Partial?
  var progress = ShadowBuild.Progress()

  var segments: [UInt64] { finishedSegments + (partial?.segments ?? []) }

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
    for list in [pinned, finishedRuns, finishedSegments] { Self.encode(list, into: &writer) }
    writer.write(UInt8(lastUser == nil ? 0 : 1))
    writer.write(lastUser?.rawValue ?? 0)
    writer.write(UInt8(partial == nil ? 0 : 1))
    if let partial {
      writer.write(partial.user.rawValue)
      writer.write(partial.lastDocID.rawValue)
      Self.encode(partial.segments, into: &writer)
    }
    writer.writeVarint(progress.users)
    writer.writeVarint(progress.records)
    writer.writeVarint(progress.textByteCount)
    writer.write(CRC32C.checksum(writer.bytes))
    return writer.bytes
  }

  private static func encode(_ numbers: [UInt64], into writer: inout ByteWriter) {
    writer.writeVarint(numbers.count)
    for number in numbers { writer.writeVarint(number) }
  }

  static func decode(_ bytes: [UInt8]) throws(DecodingError) -> ShadowState {
    guard bytes.count > 12, Array(bytes[..<8]) == magic else {
      throw DecodingError(offset: 0, message: "no shadow state of this version")
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
      analyzerHash: try reader.readUInt64(), pinned: try decodeNumbers(&reader))
    state.finishedRuns = try decodeNumbers(&reader)
    state.finishedSegments = try decodeNumbers(&reader)
    let hasLastUser = try reader.readUInt8() == 1
    let lastUser = UserID(rawValue: try reader.readUInt32())
    state.lastUser = hasLastUser ? lastUser : nil
    if try reader.readUInt8() == 1 {
      state.partial = Partial(
        user: UserID(rawValue: try reader.readUInt32()), lastDocID: DocID(rawValue: try reader.readUInt32()),
        segments: try decodeNumbers(&reader))
    }
    state.progress.users = Int(min(try reader.readVarint(), 1 << 48))
    state.progress.records = Int(min(try reader.readVarint(), 1 << 48))
    state.progress.textByteCount = Int(min(try reader.readVarint(), 1 << 48))
    guard reader.isAtEnd else {
      throw DecodingError(offset: reader.offset, message: "\(reader.remaining) bytes after the shadow state's end")
    }
    return state
  }

  private static func decodeNumbers(_ reader: inout ByteReader) throws(DecodingError) -> [UInt64] {
    var numbers: [UInt64] = []
    for _ in 0..<(try reader.readCount()) { numbers.append(try reader.readVarint()) }
    return numbers
  }
}
