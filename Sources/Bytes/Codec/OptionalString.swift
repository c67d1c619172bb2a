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
    switch try readUInt8() {
    case 0: return nil
    case 1: return try readString()
    case let other: throw DecodingError(offset: offset - 1, message: "expected 0 or 1, found \(other)")
    }
  }
}
