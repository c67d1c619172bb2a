import Bytes

/// What runs, segments and attribute files have in common: many users' parts between a header and a footer, in one file that is never
/// changed.
///
///     file   := header content fences footer
///     header := magic (8 bytes), u64 file number, u64 analyzer hash, u32 CRC32C of the header before it
///     footer := u64 offset of the fences, u64 record count, u64 XXH64 of everything before the footer,
///               u32 CRC32C of the footer before it, end magic (8 bytes)
///
/// All fixed-width integers are little-endian. docs/formats/run.md, segment.md and attributes.md have worked examples.
struct IndexFileFormat: Sendable {
  let magic: [UInt8]
  let endMagic: [UInt8]
  let fileExtension: String
  /// Of versions that this one cannot read and need not: what they hold is made anew.
  private let outdatedMagics: [[UInt8]]

  /// Text records, see `RunWriter`.
  static let run = IndexFileFormat("MDXRUN1\n", "RUNEND1\n", ".run")
  /// Postings, see `SegmentWriter`.
  static let segment = IndexFileFormat(
    "MDXSEG4\n", "SEGEND4\n", ".seg", outdated: ["MDXSEG1\n", "MDXSEG2\n", "MDXSEG3\n"])

  /// Attributes, see `AttributeFileWriter`.
  static let attributes = IndexFileFormat("MDXATR1\n", "ATREND1\n", ".att")

  private init(_ magic: String, _ endMagic: String, _ fileExtension: String, outdated: [String] = []) {
    self.magic = Array(magic.utf8)
    self.endMagic = Array(endMagic.utf8)
    self.fileExtension = fileExtension
    outdatedMagics = outdated.map { Array($0.utf8) }
  }

  static let headerByteCount = 28
  static let footerByteCount = 36

  func fileName(_ number: UInt64) -> String {
    let digits = String(number)
    return String(repeating: "0", count: max(0, 10 - digits.count)) + digits + fileExtension
  }

  /// The number in a file name that `fileName` gave.
  func number(ofFile name: String) -> UInt64? {
    guard name.hasSuffix(fileExtension), let number = UInt64(name.dropLast(fileExtension.count)),
      fileName(number) == name
    else { return nil }
    return number
  }

  /// The number in the name of a file of any kind.
  static func number(ofAnyFile name: String) -> UInt64? {
    [run, segment, attributes].lazy.compactMap { $0.number(ofFile: name) }.first
  }

  /// Whether a file of an earlier version begins so.
  func isOutdated(_ header: [UInt8]) -> Bool { outdatedMagics.contains { header.starts(with: $0) } }

  func header(number: UInt64, analyzerHash: UInt64) -> [UInt8] {
    var writer = ByteWriter(reserving: Self.headerByteCount)
    writer.write(magic)
    writer.write(number)
    writer.write(analyzerHash)
    writer.write(CRC32C.checksum(writer.bytes))
    return writer.bytes
  }

  struct Header: Equatable {
    var number: UInt64
    var analyzerHash: UInt64
  }

  func decodeHeader(_ bytes: [UInt8]) throws(DecodingError) -> Header {
    var reader = ByteReader(bytes)
    guard try Array(reader.readBytes(8)) == magic else {
      throw DecodingError(offset: 0, message: "not a \(fileExtension.dropFirst()) file")
    }
    let header = Header(number: try reader.readUInt64(), analyzerHash: try reader.readUInt64())
    try Self.check(bytes, reader.offset, try reader.readUInt32(), "header")
    return header
  }

  struct Footer: Equatable {
    var fencesOffset: UInt64
    var recordCount: UInt64
    var fileHash: UInt64
  }

  func encode(_ footer: Footer) -> [UInt8] {
    var writer = ByteWriter(reserving: Self.footerByteCount)
    writer.write(footer.fencesOffset)
    writer.write(footer.recordCount)
    writer.write(footer.fileHash)
    writer.write(CRC32C.checksum(writer.bytes))
    writer.write(endMagic)
    return writer.bytes
  }

  func decodeFooter(_ bytes: [UInt8]) throws(DecodingError) -> Footer {
    var reader = ByteReader(bytes)
    let footer = Footer(
      fencesOffset: try reader.readUInt64(), recordCount: try reader.readUInt64(), fileHash: try reader.readUInt64())
    try Self.check(bytes, reader.offset, try reader.readUInt32(), "footer")
    guard try Array(reader.readBytes(8)) == endMagic else {
      throw DecodingError(offset: reader.offset - 8, message: "the file has no end mark")
    }
    return footer
  }

  private static func check(
    _ bytes: [UInt8], _ byteCount: Int, _ expected: UInt32, _ part: String
  ) throws(DecodingError) {
    let found = CRC32C.checksum(bytes[..<byteCount])
    guard expected == found else {
      throw DecodingError(offset: 0, message: "\(part) checksum: expected \(expected), found \(found)")
    }
  }
}
