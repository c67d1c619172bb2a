import Bytes

/// The last record of a sealed file: how many frames are before it, and when it was sealed. See docs/formats/pack.md.
struct PackSeal: Hashable {
  let frameCount: UInt64
  /// Nil in files of builds that did not say.
  let sealedAt: Timestamp?

  init(frameCount: UInt64, sealedAt: Timestamp?) {
    self.frameCount = frameCount
    self.sealedAt = sealedAt
  }

  var record: PackRecord {
    var writer = ByteWriter(reserving: 16)
    writer.writeVarint(frameCount)
    if let sealedAt { writer.write(UInt64(bitPattern: sealedAt.rawValue)) }
    return PackRecord(kind: .seal, bytes: writer.bytes)
  }

  init(_ bytes: [UInt8]) throws(DecodingError) {
    var reader = ByteReader(bytes)
    frameCount = try reader.readVarint()
    sealedAt = reader.remaining < 8 ? nil : Timestamp(rawValue: Int64(bitPattern: try reader.readUInt64()))
  }

  /// The seal's frame with padding has at most so many bytes.
  private static let maxFrameByteCount: UInt64 = 48

  /// Reads the seal of a file from its end; nil where the file does not end with one.
  static func read(from pack: PackFile) throws(FileError) -> PackSeal? {
    let end = try pack.file.byteCount()
    var offset = end > maxFrameByteCount ? (end - maxFrameByteCount) / PackFrame.alignment * PackFrame.alignment : 0
    while offset + UInt64(PackFrame.Header.byteCount) < end {
      let bytes = try pack.file.read(at: offset, byteCount: Int(end - offset))
      if let header = try? PackFrame.Header(bytes[...], at: offset, salt: pack.salt),
        header.kind == PackRecord.Kind.seal.rawValue, Int(header.frameByteCount) <= bytes.count,
        let record = try? PackRecord.decode(
          frame: bytes.prefix(Int(header.frameByteCount)), at: offset, salt: pack.salt, limit: 64)
      {
        return try? PackSeal(record.bytes)
      }
      offset += PackFrame.alignment
    }
    return nil
  }
}
