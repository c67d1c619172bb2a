extension ByteWriter {
  /// One byte, 0 for `nil` and 1 for a text that follows.
  package mutating func writeOptional(_ text: String?) {
    write(UInt8(text == nil ? 0 : 1))
    if let text { writeLengthPrefixed(text) }
  }
}

extension ByteReader {
  /// The twin of `ByteWriter.writeOptional`.
  package mutating func readOptionalString() throws(DecodingError) -> String? {
    try readFlag() ? try readString() : nil
  }

  /// One byte that is 0 or 1.
  package mutating func readFlag() throws(DecodingError) -> Bool {
    switch try readUInt8() {
    case 0: return false
    case 1: return true
    case let other: throw DecodingError(offset: offset - 1, message: "expected 0 or 1, found \(other)")
    }
  }
}
