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

  static func encode(_ numbers: [UInt32], into writer: inout ByteWriter) { encode(numbers.span, into: &writer) }

  static func encode(_ numbers: Span<UInt32>, into writer: inout ByteWriter) {
    for start in stride(from: 0, to: numbers.count, by: BitPacking.count) {
      let chunk = numbers.extracting(start..<min(start + BitPacking.count, numbers.count))
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
    init(_ chunk: Span<UInt32>) {
      // How many numbers take so many bits.
      var counts = InlineArray<33, UInt8>(repeating: 0)
      var union: UInt32 = 0
      for index in chunk.indices {
        counts[32 - chunk[index].leadingZeroBitCount] += 1
        union |= chunk[index]
      }
      let full = 32 - union.leadingZeroBitCount
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

    func encode(_ chunk: Span<UInt32>, into writer: inout ByteWriter) {
      if isPatched { encodePatches(chunk, into: &writer) }
      if chunk.count == BitPacking.count {
        BitPacking.pack(chunk, width: width, into: &writer)
      } else {
        writeBits(chunk, width, into: &writer)
      }
    }

    private func encodePatches(_ chunk: Span<UInt32>, into writer: inout ByteWriter) {
      var count: UInt8 = 0
      for index in chunk.indices where chunk[index] >> UInt32(width) != 0 { count += 1 }
      writer.write(UInt8(width))
      writer.write(count)
      for index in chunk.indices where chunk[index] >> UInt32(width) != 0 {
        writer.write(UInt8(index))
        writer.writeVarint(UInt64(chunk[index] >> UInt32(width)))
      }
    }
  }

  /// Numbers of equal width one after another, from the least significant bit of each byte on. What they have above the
  /// width is left out.
  static func writeBits(_ numbers: Span<UInt32>, _ width: Int, into writer: inout ByteWriter) {
    let mask: UInt64 = 1 << UInt64(width) - 1
    var bits: UInt64 = 0
    var used = 0
    for index in numbers.indices {
      bits |= (UInt64(numbers[index]) & mask) << UInt64(used)
      used += width
      if used >= 32 {
        writer.write(UInt32(truncatingIfNeeded: bits))
        bits >>= 32
        used -= 32
      }
    }
    while used > 0 {
      writer.write(UInt8(truncatingIfNeeded: bits))
      bits >>= 8
      used -= 8
    }
  }

  private static func packedByteCount(_ count: Int, _ width: Int) -> Int { (count * width + 7) / 8 }

  /// - Parameter numbers: gets the `count` numbers at its beginning, and keeps its room.
  static func decode(
    from reader: inout ByteReader, count: Int, into numbers: inout [UInt32]
  ) throws(DecodingError) {
    if numbers.count < count { numbers += repeatElement(0, count: count - numbers.count) }
    try decode(from: &reader, count: count, at: 0, into: &numbers)
  }

  static func decode(
    from reader: inout ByteReader, count: Int, appendingTo numbers: inout [UInt32]
  ) throws(DecodingError) {
    let start = numbers.count
    numbers += repeatElement(0, count: count)
    try decode(from: &reader, count: count, at: start, into: &numbers)
  }

  private static func decode(
    from reader: inout ByteReader, count: Int, at start: Int, into numbers: inout [UInt32]
  ) throws(DecodingError) {
    try reader.readRest { (bytes, index) throws(DecodingError) in
      for first in stride(from: 0, to: count, by: BitPacking.count) {
        let chunkCount = min(BitPacking.count, count - first)
        try decodeChunk(bytes, &index, at: start + first, count: chunkCount, into: &numbers)
      }
    }
  }

  /// A chunk behind its code.
  static func decodeChunk(
    _ bytes: Span<UInt8>, _ index: inout Int, at start: Int, count: Int, into numbers: inout [UInt32]
  ) throws(DecodingError) {
    guard index < bytes.count else { throw .endsEarly(at: index) }
    let code = bytes[index]
    index += 1
    try decodeChunk(code: code, bytes, &index, at: start, count: count, into: &numbers)
  }

  /// - Parameters:
  ///   - index: where the chunk begins, and then where it ends.
  ///   - start: where the first number goes.
  ///   - count: 1 to 128.
  static func decodeChunk(
    code: UInt8, _ bytes: Span<UInt8>, _ index: inout Int, at start: Int, count: Int, into numbers: inout [UInt32]
  ) throws(DecodingError) {
    guard code == patchedCode else {
      return try unpack(bytes, &index, width: Int(code), at: start, count, into: &numbers)
    }
    guard bytes.count - index >= 2 else { throw .endsEarly(at: index) }
    let (width, patchCount) = (Int(bytes[index]), bytes[index + 1])
    guard width < 32 else { throw DecodingError(offset: index, message: "numbers of \(width) bits") }
    index += 2
    var patch = index
    for _ in 0..<patchCount {
      index += 1
      _ = try bytes.skipVarint(&index)
    }
    try unpack(bytes, &index, width: width, at: start, count, into: &numbers)
    var numbers = numbers.mutableSpan
    for _ in 0..<patchCount {
      let place = Int(bytes[patch])
      patch += 1
      let high = try bytes.readVarint(&patch)
      guard place < count, high >> UInt64(32 - width) == 0 else {
        throw DecodingError(offset: patch, message: "a number out of range")
      }
      numbers[start + place] |= UInt32(high) << UInt32(width)
    }
  }

  /// Passes over a chunk.
  /// - Parameters:
  ///   - index: where it begins, and then where it ends.
  ///   - count: as for `decodeChunk`.
  static func skipChunk(_ bytes: Span<UInt8>, _ index: inout Int, count: Int) throws(DecodingError) {
    guard index < bytes.count else { throw .endsEarly(at: index) }
    var width = Int(bytes[index])
    index += 1
    if width == Int(patchedCode) {
      guard bytes.count - index >= 2 else { throw .endsEarly(at: index) }
      width = Int(bytes[index])
      let patchCount = bytes[index + 1]
      index += 2
      for _ in 0..<patchCount {
        index += 1
        _ = try bytes.readVarint(&index)
      }
    }
    guard width <= 32 else { throw DecodingError(offset: index, message: "numbers of \(width) bits") }
    index += packedByteCount(count, width)
    guard index <= bytes.count else { throw .endsEarly(at: index) }
  }

  private static func unpack(
    _ bytes: Span<UInt8>, _ index: inout Int, width: Int, at start: Int, _ count: Int, into numbers: inout [UInt32]
  ) throws(DecodingError) {
    guard width <= 32 else { throw DecodingError(offset: index, message: "numbers of \(width) bits") }
    let end = index + packedByteCount(count, width)
    guard end <= bytes.count else { throw .endsEarly(at: index) }
    if count == BitPacking.count {
      BitPacking.unpack(bytes.extracting(index..<end), width: width, into: &numbers, at: start)
    } else {
      readBits(bytes, from: index, width, at: start, count, into: &numbers)
    }
    index = end
  }

  /// Reads what `writeBits` wrote.
  /// - Parameter offset: where the bits begin in `bytes`, which hold them all.
  private static func readBits(
    _ bytes: Span<UInt8>, from offset: Int, _ width: Int, at start: Int, _ count: Int, into numbers: inout [UInt32]
  ) {
    var numbers = numbers.mutableSpan
    let mask = UInt64(1) << UInt64(width) - 1
    var bit = offset * 8
    for index in start..<start + count {
      let byte = bit >> 3
      var word: UInt64 = 0
      if byte + 8 <= bytes.count {
        word = unsafe UInt64(littleEndian: bytes.bytes.unsafeLoadUnaligned(fromByteOffset: byte, as: UInt64.self))
      } else {
        for place in byte..<bytes.count { word |= UInt64(bytes[place]) << UInt64(8 * (place - byte)) }
      }
      numbers[index] = UInt32(truncatingIfNeeded: word >> UInt64(bit & 7) & mask)
      bit += width
    }
  }
}
