package import Bytes

/// Where a frame lies in the pack files: bytes, wherever the file with that number is kept now.
package struct BlobReference: Hashable, Sendable, CustomStringConvertible {
  package let pack: UInt32
  /// Of the frame's first byte.
  package let offset: UInt64
  /// Of the whole frame.
  package let byteCount: UInt32

  package init(pack: UInt32, offset: UInt64, byteCount: UInt32) {
    self.pack = pack
    self.offset = offset
    self.byteCount = byteCount
  }

  package func encode(into writer: inout ByteWriter) {
    writer.writeVarint(UInt64(pack))
    writer.writeVarint(offset)
    writer.writeVarint(UInt64(byteCount))
  }

  package init(from reader: inout ByteReader) throws(DecodingError) {
    let pack = try reader.readVarint()
    let offset = try reader.readVarint()
    let byteCount = try reader.readVarint()
    guard let pack = UInt32(exactly: pack), let byteCount = UInt32(exactly: byteCount) else {
      throw DecodingError(offset: reader.offset, message: "blob reference out of range")
    }
    self.init(pack: pack, offset: offset, byteCount: byteCount)
  }

  package var description: String { "pack \(pack) offset \(offset) (\(byteCount) bytes)" }
}
