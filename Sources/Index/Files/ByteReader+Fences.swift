import Bytes

extension ByteReader {
  /// Reads fences of a file of the index, whose checksum stands behind them and is checked first.
  init(fences bytes: [UInt8]) throws(DecodingError) {
    guard bytes.count >= 4 else { throw DecodingError(offset: 0, message: "fences of \(bytes.count) bytes") }
    var trailer = ByteReader(bytes[(bytes.count - 4)...])
    let expected = try trailer.readUInt32()
    let found = CRC32C.checksum(bytes[..<(bytes.count - 4)])
    guard expected == found else {
      throw DecodingError(offset: 0, message: "fences checksum: expected \(expected), found \(found)")
    }
    self.init(bytes[..<(bytes.count - 4)])
  }
}
