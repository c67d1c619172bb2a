import Bytes

/// What the index consists of: the runs, oldest first, and how far the change stream is in them.
///
/// One small file, replaced whole and atomically by every version edit (`ManifestFile`). Bytes: docs/formats/manifest.md.
///
///     manifest := "MDXMAN1\n", u64 edit number, u64 applied sequence, u64 reserved through,
///                 varint count, count × run, varint count, count × varint removed user,
///                 u32 CRC32C of everything before it
///     run      := varint number, varint byte count, varint record count, u64 analyzer hash
struct Manifest: Sendable, Equatable {
  static let magic = Array("MDXMAN1\n".utf8)
  static let fileName = "manifest"

  struct Run: Sendable, Equatable {
    let number: UInt64
    let byteCount: UInt64
    let recordCount: UInt64
    let analyzerHash: UInt64
  }

  /// Counts the edits, for humans and tests.
  var editNumber: UInt64 = 0
  /// Everything up to here is in the runs; the change stream is replayed from the next on.
  var appliedSequence = SequenceNumber.zero
  /// File numbers up to here may exist on disk. A file of a reserved number that no run lists is rubbish of a crash.
  var reservedThrough: UInt64 = 0
  /// In order of precedence: of two runs that hold the same document, the later one counts.
  var runs: [Run] = []
  /// Users whose records in the runs are dead until a merge drops them. Numbers of users are never used again.
  var removedUsers: [UserID] = []

  func encode() -> [UInt8] {
    var writer = ByteWriter(reserving: 64 + runs.count * 24)
    writer.write(Self.magic)
    writer.write(editNumber)
    writer.write(appliedSequence.rawValue)
    writer.write(reservedThrough)
    writer.writeVarint(runs.count)
    for run in runs {
      writer.writeVarint(run.number)
      writer.writeVarint(run.byteCount)
      writer.writeVarint(run.recordCount)
      writer.write(run.analyzerHash)
    }
    writer.writeVarint(removedUsers.count)
    for user in removedUsers { writer.writeVarint(UInt64(user.rawValue)) }
    writer.write(CRC32C.checksum(writer.bytes))
    return writer.bytes
  }

  static func decode(_ bytes: [UInt8]) throws(DecodingError) -> Manifest {
    guard bytes.count > 12, Array(bytes[..<8]) == magic else {
      throw DecodingError(offset: 0, message: "not an index manifest")
    }
    var trailer = ByteReader(bytes[(bytes.count - 4)...])
    let expected = try trailer.readUInt32()
    let found = CRC32C.checksum(bytes[..<(bytes.count - 4)])
    guard expected == found else {
      throw DecodingError(offset: 0, message: "manifest checksum: expected \(expected), found \(found)")
    }
    var reader = ByteReader(bytes[8..<(bytes.count - 4)])
    var manifest = Manifest()
    manifest.editNumber = try reader.readUInt64()
    manifest.appliedSequence = SequenceNumber(rawValue: try reader.readUInt64())
    manifest.reservedThrough = try reader.readUInt64()
    for _ in 0..<(try reader.readCount()) {
      manifest.runs.append(
        Run(
          number: try reader.readVarint(), byteCount: try reader.readVarint(), recordCount: try reader.readVarint(),
          analyzerHash: try reader.readUInt64()))
    }
    for _ in 0..<(try reader.readCount()) {
      guard let user = UInt32(exactly: try reader.readVarint()) else {
        throw DecodingError(offset: reader.offset, message: "user out of range")
      }
      manifest.removedUsers.append(UserID(rawValue: user))
    }
    guard reader.isAtEnd else {
      throw DecodingError(offset: reader.offset, message: "\(reader.remaining) bytes after the manifest's end")
    }
    try manifest.checkInvariants()
    return manifest
  }

  /// Counting on from here never overflows.
  private static let greatestNumber: UInt64 = 1 << 62

  /// Every listed run has a reserved number, and none is listed twice.
  private func checkInvariants() throws(DecodingError) {
    let numbers = runs.map(\.number)
    guard Set(numbers).count == numbers.count else {
      throw DecodingError(offset: 0, message: "a run is listed twice")
    }
    guard reservedThrough <= Self.greatestNumber, editNumber <= Self.greatestNumber else {
      throw DecodingError(offset: 0, message: "a number beyond all that can be given out")
    }
    guard numbers.allSatisfy({ $0 <= reservedThrough }) else {
      throw DecodingError(offset: 0, message: "a run's number was never reserved")
    }
  }
}
