import Bytes

/// A list of small numbers in few bytes; how many there are is known from elsewhere.
///
///     numbers   := { u8 code, chunk }*, a chunk of 128 numbers for each but the last
///     chunk     := code 0 to 32, the width: the numbers in `width` bits each, 128 of them packed vertically (see `BitPacking`),
///                  fewer one after another, from the least significant bit of each byte on
///                  code 0x3F: u8 width, u8 count, count × { u8 index, varint what the number has above `width` bits }, then the
///                  numbers as above, without those bits
///
/// The second form is written where it is shorter: a few large numbers do not make all of them large (Zukowski et al.,
/// "Super-scalar RAM-CPU cache compression", 2006, in the form of Lemire and Boytsov's patched coding).
enum PackedNumbers {
  static let patchedCode: UInt8 = 0x3F

  static func encode(_ numbers: ArraySlice<UInt32>, into writer: inout ByteWriter) {
    var rest = numbers
    while !rest.isEmpty {
      let chunk = rest.prefix(BitPacking.count)
      rest = rest.dropFirst(chunk.count)
      let plan = Plan(chunk)
      writer.write(plan.code)
      plan.encode(chunk, into: &writer)
    }
  }

  /// How one chunk is written.
  struct Plan {
    private let width: Int
    private let isPatched: Bool

    var code: UInt8 { isPatched ? PackedNumbers.patchedCode : UInt8(width) }

    /// - Parameter chunk: 1 to 128 numbers.
    init(_ chunk: ArraySlice<UInt32>) {
      var counts = [UInt8](repeating: 0, count: 33)
      for number in chunk { counts[32 - number.leadingZeroBitCount] += 1 }
      let full = counts.lastIndex { $0 > 0 } ?? 0
      var best = (byteCount: packedByteCount(chunk.count, full), width: full)
      var exceptions = 0
      for width in stride(from: full - 1, through: 0, by: -1) {
        exceptions += Int(counts[width + 1])
        // With more of them decoding takes longer than it saves bytes.
        if exceptions * 8 > chunk.count + 8 { break }
        var byteCount = packedByteCount(chunk.count, width) + 2
        for bits in width + 1...full where counts[bits] > 0 {
          byteCount += Int(counts[bits]) * (1 + (bits - width + 6) / 7)
        }
        if byteCount < best.byteCount { best = (byteCount, width) }
      }
      width = best.width
      isPatched = width < full
    }

    func encode(_ chunk: ArraySlice<UInt32>, into writer: inout ByteWriter) {
      guard isPatched else { return PackedNumbers.pack(Array(chunk), width, into: &writer) }
      let large = chunk.enumerated().filter { $0.element >> UInt32(width) != 0 }
      writer.write(UInt8(width))
      writer.write(UInt8(large.count))
      for (index, number) in large {
        writer.write(UInt8(index))
        writer.writeVarint(UInt64(number >> UInt32(width)))
      }
      let mask = UInt32(1) << UInt32(width) - 1
      PackedNumbers.pack(chunk.map { $0 & mask }, width, into: &writer)
    }
  }

  private static func pack(_ numbers: [UInt32], _ width: Int, into writer: inout ByteWriter) {
    if numbers.count == BitPacking.count { return BitPacking.pack(numbers, width: width, into: &writer) }
    writeBits(numbers, width, into: &writer)
  }

  /// Numbers of equal width one after another, from the least significant bit of each byte on.
  static func writeBits(_ numbers: [UInt32], _ width: Int, into writer: inout ByteWriter) {
    var bits: UInt64 = 0
    var used = 0
    for number in numbers {
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

  private static func packedByteCount(_ count: Int, _ width: Int) -> Int { (count * width + 7) / 8 }

  /// - Parameter numbers: gets the `count` numbers at its beginning, and keeps its room.
  static func decode(
    from reader: inout ByteReader, count: Int, into numbers: inout [UInt32]
  ) throws(DecodingError) {
    if numbers.count < count { numbers += [UInt32](repeating: 0, count: count - numbers.count) }
    for start in stride(from: 0, to: count, by: BitPacking.count) {
      let code = try reader.readUInt8()
      try decodeChunk(
        code: code, from: &reader, at: start, count: min(BitPacking.count, count - start), into: &numbers)
    }
  }

  /// - Parameters:
  ///   - start: where the first number goes.
  ///   - count: 1 to 128.
  static func decodeChunk(
    code: UInt8, from reader: inout ByteReader, at start: Int, count: Int, into numbers: inout [UInt32]
  ) throws(DecodingError) {
    guard code == patchedCode else { return try unpack(from: &reader, Int(code), at: start, count, into: &numbers) }
    let width = Int(try reader.readUInt8())
    guard width < 32 else { throw DecodingError(offset: reader.offset, message: "numbers of \(width) bits") }
    var patches = reader
    let patchCount = try reader.readUInt8()
    for _ in 0..<patchCount {
      _ = try reader.readUInt8()
      _ = try reader.readVarint()
    }
    try unpack(from: &reader, width, at: start, count, into: &numbers)
    _ = try patches.readUInt8()
    for _ in 0..<patchCount {
      let index = Int(try patches.readUInt8())
      let high = try patches.readVarint()
      guard index < count, high >> UInt64(32 - width) == 0 else {
        throw DecodingError(offset: patches.offset, message: "a number out of range")
      }
      numbers[start + index] |= UInt32(high) << UInt32(width)
    }
  }

  /// Passes over a chunk.
  /// - Parameter count: as for `decodeChunk`.
  static func skipChunk(from reader: inout ByteReader, count: Int) throws(DecodingError) {
    var width = Int(try reader.readUInt8())
    if width == Int(patchedCode) {
      width = Int(try reader.readUInt8())
      for _ in 0..<(try reader.readUInt8()) {
        _ = try reader.readUInt8()
        _ = try reader.readVarint()
      }
    }
    guard width <= 32 else { throw DecodingError(offset: reader.offset, message: "numbers of \(width) bits") }
    _ = try reader.readBytes(packedByteCount(count, width))
  }

  private static func unpack(
    from reader: inout ByteReader, _ width: Int, at start: Int, _ count: Int, into numbers: inout [UInt32]
  ) throws(DecodingError) {
    guard width <= 32 else { throw DecodingError(offset: reader.offset, message: "numbers of \(width) bits") }
    let bytes = try reader.readBytes(packedByteCount(count, width))
    if count == BitPacking.count {
      BitPacking.unpack(bytes, width: width, into: &numbers, at: start)
    } else {
      unpack(bytes.span, width, at: start, count, into: &numbers)
    }
  }

  private static func unpack(
    _ bytes: Span<UInt8>, _ width: Int, at start: Int, _ count: Int, into numbers: inout [UInt32]
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
