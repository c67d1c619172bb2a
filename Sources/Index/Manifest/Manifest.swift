import Bytes

/// What the index consists of: the runs, oldest first, the segments, and how far the change stream is in them.
///
/// One small file, replaced whole and atomically by every version edit (`ManifestFile`). Bytes: docs/formats/manifest.md.
///
///     manifest := "MDXMAN3\n", u64 edit number, u64 applied sequence, u64 reserved through,
///                 varint count, count × file (runs), varint count, count × segment,
///                 varint count, count × varint removed user,
///                 varint count, count × { varint user, varint count, count × varint replaced document (ascending) },
///                 varint count, count × file (attribute files),
///                 u32 CRC32C of everything before it
///     file     := varint number, varint byte count, varint record count, u64 analyzer hash
///     segment  := file, varint count, count × varint voided user (ascending)
///
/// The second version, "MDXMAN2\n", has neither voided users nor attribute files; the first, "MDXMAN1\n", has neither segments
/// nor replaced documents besides.
struct Manifest: Sendable, Equatable {
  static let magic = Array("MDXMAN3\n".utf8)
  /// Of all versions that are read, the first one first.
  static let magics = [Array("MDXMAN1\n".utf8), Array("MDXMAN2\n".utf8), magic]
  static let fileName = "manifest"

  struct Entry: Sendable, Equatable {
    let number: UInt64
    let byteCount: UInt64
    let recordCount: UInt64
    let analyzerHash: UInt64
    /// Of a segment: users whose part of it does not count, because it was made anew in another.
    var voidedUsers: [UserID] = []
  }

  /// Counts the edits, for humans and tests.
  var editNumber: UInt64 = 0
  /// Everything up to here is in the runs; the change stream is replayed from the next on.
  var appliedSequence = SequenceNumber.zero
  /// File numbers up to here may exist on disk. A file of a reserved number that is not listed is rubbish of a crash.
  var reservedThrough: UInt64 = 0
  /// In order of precedence: of two runs that hold the same document, the later one counts.
  var runs: [Entry] = []
  /// In order of arrival.
  var segments: [Entry] = []
  /// Users whose records in the runs are dead until a merge drops them. Numbers of users are never used again.
  var removedUsers: [UserID] = []
  /// Documents that some segment holds as they were before their record came anew.
  var replaced: [UserID: DocIDBitmap] = [:]
  /// Oldest first: what a later one says of a document counts.
  var attributeFiles: [Entry] = []

  func encode() -> [UInt8] {
    var writer = ByteWriter(reserving: 64 + runs.count * 24)
    writer.write(Self.magic)
    writer.write(editNumber)
    writer.write(appliedSequence.rawValue)
    writer.write(reservedThrough)
    writer.writeVarint(runs.count)
    for run in runs { Self.encode(run, into: &writer) }
    writer.writeVarint(segments.count)
    for segment in segments {
      Self.encode(segment, into: &writer)
      Self.encode(segment.voidedUsers, into: &writer)
    }
    Self.encode(removedUsers, into: &writer)
    writer.writeVarint(replaced.count)
    for (user, documents) in replaced.sorted(by: { $0.key < $1.key }) {
      writer.writeVarint(UInt64(user.rawValue))
      writer.writeVarint(documents.count)
      documents.forEach { writer.writeVarint(UInt64($0.rawValue)) }
    }
    writer.writeVarint(attributeFiles.count)
    for file in attributeFiles { Self.encode(file, into: &writer) }
    writer.write(CRC32C.checksum(writer.bytes))
    return writer.bytes
  }

  private static func encode(_ entry: Entry, into writer: inout ByteWriter) {
    writer.writeVarint(entry.number)
    writer.writeVarint(entry.byteCount)
    writer.writeVarint(entry.recordCount)
    writer.write(entry.analyzerHash)
  }

  private static func encode(_ users: [UserID], into writer: inout ByteWriter) {
    writer.writeVarint(users.count)
    for user in users { writer.writeVarint(UInt64(user.rawValue)) }
  }

  static func decode(_ bytes: [UInt8]) throws(DecodingError) -> Manifest {
    guard bytes.count > 12, let version = magics.firstIndex(of: Array(bytes[..<8])) else {
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
    for _ in 0..<(try reader.readCount()) { manifest.runs.append(try decodeEntry(&reader)) }
    if version > 0 {
      for _ in 0..<(try reader.readCount()) {
        var segment = try decodeEntry(&reader)
        if version > 1 { segment.voidedUsers = try decodeUsers(&reader) }
        manifest.segments.append(segment)
      }
    }
    manifest.removedUsers = try decodeUsers(&reader)
    if version > 0 { manifest.replaced = try decodeReplaced(&reader) }
    if version > 1 {
      for _ in 0..<(try reader.readCount()) { manifest.attributeFiles.append(try decodeEntry(&reader)) }
    }
    guard reader.isAtEnd else {
      throw DecodingError(offset: reader.offset, message: "\(reader.remaining) bytes after the manifest's end")
    }
    try manifest.checkInvariants()
    return manifest
  }

  private static func decodeEntry(_ reader: inout ByteReader) throws(DecodingError) -> Entry {
    Entry(
      number: try reader.readVarint(), byteCount: try reader.readVarint(), recordCount: try reader.readVarint(),
      analyzerHash: try reader.readUInt64())
  }

  private static func decodeUsers(_ reader: inout ByteReader) throws(DecodingError) -> [UserID] {
    var users: [UserID] = []
    for _ in 0..<(try reader.readCount()) { users.append(try decodeUser(&reader)) }
    return users
  }

  private static func decodeUser(_ reader: inout ByteReader) throws(DecodingError) -> UserID {
    guard let user = UInt32(exactly: try reader.readVarint()) else {
      throw DecodingError(offset: reader.offset, message: "user out of range")
    }
    return UserID(rawValue: user)
  }

  private static func decodeReplaced(_ reader: inout ByteReader) throws(DecodingError) -> [UserID: DocIDBitmap] {
    var replaced: [UserID: DocIDBitmap] = [:]
    for _ in 0..<(try reader.readCount()) {
      let user = try decodeUser(&reader)
      for _ in 0..<(try reader.readCount()) {
        guard let docID = UInt32(exactly: try reader.readVarint()) else {
          throw DecodingError(offset: reader.offset, message: "docID out of range")
        }
        replaced[user, default: DocIDBitmap()].insert(DocID(rawValue: docID))
      }
    }
    return replaced
  }

  /// Counting on from here never overflows.
  private static let greatestNumber: UInt64 = 1 << 62

  /// Every listed file has a reserved number, and none is listed twice.
  private func checkInvariants() throws(DecodingError) {
    let numbers = (runs + segments + attributeFiles).map(\.number)
    guard Set(numbers).count == numbers.count else {
      throw DecodingError(offset: 0, message: "a file is listed twice")
    }
    guard reservedThrough <= Self.greatestNumber, editNumber <= Self.greatestNumber else {
      throw DecodingError(offset: 0, message: "a number beyond all that can be given out")
    }
    guard numbers.allSatisfy({ $0 <= reservedThrough }) else {
      throw DecodingError(offset: 0, message: "a file's number was never reserved")
    }
  }
}
