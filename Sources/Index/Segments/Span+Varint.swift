import Bytes

/// `ByteReader.readVarint` for the innermost loops, where a reader's keeping of its bytes would cost more than reading them.
extension Span<UInt8> {
  /// - Parameter index: of the first byte; of the one behind the varint afterwards.
  @inline(__always)
  func readVarint(_ index: inout Int) throws(DecodingError) -> UInt64 {
    guard index < count else { throw .endsEarly(at: index) }
    let first = self[index]
    index += 1
    return first < 0x80 ? UInt64(first) : try readRest(UInt64(first & 0x7F), &index)
  }

  /// Passes over a varint.
  /// - Returns: its first byte, whose lowest bits are those of the number.
  @inline(__always)
  func skipVarint(_ index: inout Int) throws(DecodingError) -> UInt8 {
    guard index < count else { throw .endsEarly(at: index) }
    let first = self[index]
    index &+= 1
    if first < 0x80 { return first }
    while index < count {
      let byte = self[index]
      index &+= 1
      if byte < 0x80 { return first }
    }
    throw .endsEarly(at: index)
  }

  private func readRest(_ first: UInt64, _ index: inout Int) throws(DecodingError) -> UInt64 {
    var value = first
    for shift in stride(from: UInt64(7), to: 64, by: 7) {
      guard index < count else { break }
      let byte = self[index]
      index += 1
      value |= UInt64(byte & 0x7F) << shift
      if byte < 0x80 { return value }
    }
    throw .endsEarly(at: index)
  }
}

extension DecodingError {
  static func endsEarly(at offset: Int) -> DecodingError {
    DecodingError(offset: offset, message: "the bytes end within a number or a term")
  }
}
