import Bytes

/// A list of small numbers in few bytes; how many there are is known from elsewhere.
///
///     numbers := chunk*, of 128 numbers each but the last
///     chunk   := u8 width (0 to 32), then the numbers in `width` bits each: 128 of them packed vertically (see `BitPacking`),
///                fewer one after another, from the least significant bit of each byte on
///                | 0x3F, each number as a varint
///
/// Of the two forms the shorter one is written.
enum PackedNumbers {
  private static let varintForm: UInt8 = 0x3F

  static func encode(_ numbers: ArraySlice<UInt32>, into writer: inout ByteWriter) {
    var rest = numbers
    while !rest.isEmpty {
      let chunk = rest.prefix(BitPacking.count)
      rest = rest.dropFirst(chunk.count)
      encode(chunk: chunk, into: &writer)
    }
  }

  private static func encode(chunk: ArraySlice<UInt32>, into writer: inout ByteWriter) {
    let width = 32 - chunk.reduce(0, |).leadingZeroBitCount
    let varintByteCount = chunk.reduce(0) { $0 + Self.varintByteCount($1) }
    guard packedByteCount(chunk.count, width) <= varintByteCount else {
      writer.write(varintForm)
      for number in chunk { writer.writeVarint(UInt64(number)) }
      return
    }
    writer.write(UInt8(width))
    guard chunk.count < BitPacking.count else { return BitPacking.pack(Array(chunk), width: width, into: &writer) }
    var bits: UInt64 = 0
    var used = 0
    for number in chunk {
      bits |= UInt64(number) << UInt64(used)
      used += width
      while used >= 8 {
        writer.write(UInt8(truncatingIfNeeded: bits))
        bits >>= 8
        used -= 8
      }
    }
    if used > 0 { writer.write(UInt8(truncatingIfNeeded: bits)) }
  }

  private static func varintByteCount(_ number: UInt32) -> Int { max(1, (38 - number.leadingZeroBitCount) / 7) }

  private static func packedByteCount(_ count: Int, _ width: Int) -> Int { (count * width + 7) / 8 }

  /// - Parameter numbers: gets the `count` numbers at its beginning, and keeps its room.
  static func decode(
    from reader: inout ByteReader, count: Int, into numbers: inout [UInt32]
  ) throws(DecodingError) {
    // Chunks of 128 are unpacked whole, wherever they end.
    if numbers.count < count { numbers += [UInt32](repeating: 0, count: count - numbers.count) }
    for start in stride(from: 0, to: count, by: BitPacking.count) {
      try decodeChunk(from: &reader, at: start, count: min(BitPacking.count, count - start), into: &numbers)
    }
  }

  private static func decodeChunk(
    from reader: inout ByteReader, at start: Int, count: Int, into numbers: inout [UInt32]
  ) throws(DecodingError) {
    let form = try reader.readUInt8()
    if form == varintForm {
      return try decodeVarints(from: &reader, at: start, count: count, into: &numbers)
    }
    let width = Int(form)
    guard width <= 32 else { throw DecodingError(offset: reader.offset, message: "numbers of \(width) bits") }
    let bytes = try reader.readBytes(packedByteCount(count, width))
    if count == BitPacking.count {
      BitPacking.unpack(bytes, width: width, into: &numbers, at: start)
    } else {
      unpack(bytes.span, width: width, at: start, count: count, into: &numbers)
    }
  }

  /// Numbers of a varint each.
  static func decodeVarints(
    from reader: inout ByteReader, at start: Int, count: Int, into numbers: inout [UInt32]
  ) throws(DecodingError) {
    let byteCount = try decodeVarints(reader.rest.span, at: start, count: count, into: &numbers)
    _ = try reader.readBytes(byteCount)
  }

  /// - Returns: their bytes.
  private static func decodeVarints(
    _ bytes: Span<UInt8>, at start: Int, count: Int, into numbers: inout [UInt32]
  ) throws(DecodingError) -> Int {
    var numbers = numbers.mutableSpan
    var place = 0
    for index in start..<start + count {
      let number = try bytes.readVarint(&place)
      guard number <= UInt64(UInt32.max) else { throw DecodingError(offset: place, message: "a number out of range") }
      numbers[index] = UInt32(truncatingIfNeeded: number)
    }
    return place
  }

  private static func unpack(
    _ bytes: Span<UInt8>, width: Int, at start: Int, count: Int, into numbers: inout [UInt32]
  ) {
    var numbers = numbers.mutableSpan
    var bits: UInt64 = 0
    var available = 0
    var place = 0
    let mask = UInt64(1) << UInt64(width) - 1
    for index in start..<start + count {
      while available < width {
        bits |= UInt64(bytes[place]) << UInt64(available)
        place += 1
        available += 8
      }
      numbers[index] = UInt32(truncatingIfNeeded: bits & mask)
      bits >>= UInt64(width)
      available -= width
    }
  }
}
