import Bytes

/// A run: the text records of many users, sorted by (user, docID), in one file that is never changed.
///
///     run    := header block* fences footer
///     header := "MDXRUN1\n", u64 file number, u64 analyzer hash, u32 CRC32C of the header before it
///     footer := u64 offset of the fences, u64 record count, u64 XXH64 of everything before the footer,
///               u32 CRC32C of the footer before it, "RUNEND1\n"
///
/// All fixed-width integers are little-endian. docs/formats/run.md has a worked example.
enum RunFormat {
  static let magic = Array("MDXRUN1\n".utf8)
  static let endMagic = Array("RUNEND1\n".utf8)
  static let headerByteCount = 28
  static let footerByteCount = 36

  static func fileName(_ number: UInt64) -> String {
    let digits = String(number)
    return String(repeating: "0", count: max(0, 10 - digits.count)) + digits + ".run"
  }

  /// The number in a file name that `fileName` gave.
  static func number(ofFile name: String) -> UInt64? {
    guard name.hasSuffix(".run"), let number = UInt64(name.dropLast(4)), fileName(number) == name else { return nil }
    return number
  }

  static func header(number: UInt64, analyzerHash: UInt64) -> [UInt8] {
    var writer = ByteWriter(reserving: headerByteCount)
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

  static func decodeHeader(_ bytes: [UInt8]) throws(DecodingError) -> Header {
    var reader = ByteReader(bytes)
    guard try Array(reader.readBytes(8)) == magic else { throw DecodingError(offset: 0, message: "not a run file") }
    let header = Header(number: try reader.readUInt64(), analyzerHash: try reader.readUInt64())
    try check(bytes, reader.offset, try reader.readUInt32(), "header")
    return header
  }

  struct Footer: Equatable {
    var fencesOffset: UInt64
    var recordCount: UInt64
    var fileHash: UInt64
  }

  static func encode(_ footer: Footer) -> [UInt8] {
    var writer = ByteWriter(reserving: footerByteCount)
    writer.write(footer.fencesOffset)
    writer.write(footer.recordCount)
    writer.write(footer.fileHash)
    writer.write(CRC32C.checksum(writer.bytes))
    writer.write(endMagic)
    return writer.bytes
  }

  static func decodeFooter(_ bytes: [UInt8]) throws(DecodingError) -> Footer {
    var reader = ByteReader(bytes)
    let footer = Footer(
      fencesOffset: try reader.readUInt64(), recordCount: try reader.readUInt64(), fileHash: try reader.readUInt64())
    try check(bytes, reader.offset, try reader.readUInt32(), "footer")
    guard try Array(reader.readBytes(8)) == endMagic else {
      throw DecodingError(offset: reader.offset - 8, message: "the run has no end mark")
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
