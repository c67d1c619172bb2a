/// Reads what `ByteWriter` wrote, from bytes that may be damaged: every read is checked and throws, none traps.
package struct ByteReader: Sendable {
  @usableFromInline let bytes: ArraySlice<UInt8>
  @usableFromInline var index: Int

  package init(_ bytes: [UInt8]) { self.init(bytes[...]) }

  package init(_ bytes: ArraySlice<UInt8>) {
    self.bytes = bytes
    index = bytes.startIndex
  }

  /// Bytes read so far.
  package var offset: Int { index - bytes.startIndex }
  package var remaining: Int { bytes.endIndex - index }
  package var isAtEnd: Bool { index == bytes.endIndex }

  @inlinable
  package mutating func readUInt8() throws(DecodingError) -> UInt8 {
    guard index < bytes.endIndex else { throw tooShort(for: 1) }
    defer { index += 1 }
    return bytes[index]
  }

  /// For innermost loops, where a reader's keeping of its bytes would cost more than reading them.
  /// - Parameter body: gets all bytes, and where to read on: it moves that behind what it has read, and checks every byte
  ///   that it asks for.
  @inlinable
  package mutating func readRest(
    _ body: (_ bytes: Span<UInt8>, _ index: inout Int) throws(DecodingError) -> Void
  ) throws(DecodingError) {
    var offset = index - bytes.startIndex
    try body(bytes.span, &offset)
    index = bytes.startIndex + offset
  }

  package mutating func readUInt32() throws(DecodingError) -> UInt32 {
    try require(4)
    var value: UInt32 = 0
    for step in 0..<4 { value |= UInt32(bytes[index + step]) << UInt32(8 * step) }
    index += 4
    return value
  }

  package mutating func readUInt64() throws(DecodingError) -> UInt64 {
    try require(8)
    var value: UInt64 = 0
    for step in 0..<8 { value |= UInt64(bytes[index + step]) << UInt64(8 * step) }
    index += 8
    return value
  }

  /// Most varints are of one byte.
  @inlinable
  package mutating func readVarint() throws(DecodingError) -> UInt64 {
    if index < bytes.endIndex, bytes[index] < 0x80 {
      defer { index += 1 }
      return UInt64(bytes[index])
    }
    return try readLongVarint()
  }

  @usableFromInline
  mutating func readLongVarint() throws(DecodingError) -> UInt64 {
    var value: UInt64 = 0
    for step in 0..<10 {
      let byte = try readUInt8()
      if step == 9 && byte > 1 { throw DecodingError(offset: offset, message: "varint over 64 bits") }
      value |= UInt64(byte & 0x7F) << UInt64(7 * step)
      if byte < 0x80 { return value }
    }
    throw DecodingError(offset: offset, message: "varint over 10 bytes")
  }

  package mutating func readSignedVarint() throws(DecodingError) -> Int64 {
    let value = try readVarint()
    return Int64(bitPattern: (value >> 1) ^ (0 &- (value & 1)))
  }

  /// A varint that counts things of which each takes at least one of the remaining bytes, so that a damaged count
  /// never makes the caller reserve more memory than the input justifies.
  package mutating func readCount() throws(DecodingError) -> Int {
    let value = try readVarint()
    guard value <= UInt64(remaining) else {
      throw DecodingError(offset: offset, message: "count \(value) is over the \(remaining) bytes that follow")
    }
    return Int(value)
  }

  package mutating func readBytes(_ byteCount: Int) throws(DecodingError) -> ArraySlice<UInt8> {
    try require(byteCount)
    defer { index += byteCount }
    return bytes[index..<index + byteCount]
  }

  package mutating func readLengthPrefixed() throws(DecodingError) -> ArraySlice<UInt8> {
    try readBytes(readCount())
  }

  /// Text that was written as UTF-8; damaged UTF-8 is repaired with U+FFFD, never refused.
  package mutating func readString() throws(DecodingError) -> String {
    String(decoding: try readLengthPrefixed(), as: UTF8.self)
  }

  private func require(_ byteCount: Int) throws(DecodingError) {
    guard byteCount >= 0 && byteCount <= remaining else { throw tooShort(for: byteCount) }
  }

  @usableFromInline
  func tooShort(for byteCount: Int) -> DecodingError {
    DecodingError(offset: offset, message: "expected \(byteCount) more bytes, found \(remaining)")
  }
}

/// Bytes that do not have the format they should have.
package struct DecodingError: Error, Sendable, Equatable, CustomStringConvertible {
  /// Where in the decoded bytes reading stopped.
  package let offset: Int
  package let message: String

  package init(offset: Int, message: String) {
    self.offset = offset
    self.message = message
  }

  package var description: String { "at byte \(offset): \(message)" }
}
