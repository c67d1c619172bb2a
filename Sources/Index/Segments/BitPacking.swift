import Bytes

/// 128 integers of equal width, packed vertically: integer *i* lies in lane *i mod 4* of row *i / 4*, and each lane is a
/// stream of bits from the least significant on, so that four integers are unpacked by the same shifts at once (Lemire and
/// Boytsov, "Decoding billions of integers per second through vectorization", 2015, scheme BP128 without the deltas).
///
///     packed := width × { 4 × u32 }: the next 32 bits of each lane
enum BitPacking {
  static let count = 128

  static func byteCount(width: Int) -> Int { width * 16 }

  /// - Parameter values: 128; of each the last `width` bits are written.
  static func pack(_ values: Span<UInt32>, width: Int, into writer: inout ByteWriter) {
    precondition(values.count == count && (0...32).contains(width))
    if width == 0 { return }
    let mask = SIMD4<UInt32>(repeating: width == 32 ? .max : 1 << UInt32(width) - 1)
    var words = SIMD4<UInt32>.zero
    var used = 0
    for row in 0..<32 {
      let rowValues =
        SIMD4(values[row * 4], values[row * 4 + 1], values[row * 4 + 2], values[row * 4 + 3]) & mask
      words |= rowValues &<< UInt32(used)
      used += width
      guard used >= 32 else { continue }
      writer.write(words)
      used -= 32
      // What did not fit any more: the value's last `used` bits. A shift by 32 would be one by 0.
      words = used == 0 ? .zero : rowValues &>> UInt32(width - used)
    }
  }

  /// - Parameters:
  ///   - bytes: `byteCount(width:)` of them.
  ///   - values: 128 of them are written, from `start` on.
  static func unpack(_ bytes: Span<UInt8>, width: Int, into values: inout [UInt32], at start: Int = 0) {
    precondition(start >= 0 && values.count - start >= count && bytes.count == byteCount(width: width))
    if width == 0 {
      for index in start..<start + count { values[index] = 0 }
      return
    }
    let mask = SIMD4<UInt32>(repeating: width == 32 ? .max : 1 << UInt32(width) - 1)
    unsafe bytes.withUnsafeBytes { input in
      unsafe values.withUnsafeMutableBytes { output in
        var words = unsafe input.loadUnaligned(fromByteOffset: 0, as: SIMD4<UInt32>.self)
        var next = 16
        var used: UInt32 = 0
        for row in 0..<32 {
          var rowValues = words &>> used
          used &+= UInt32(width)
          if used >= 32 {
            used &-= 32
            if next < input.count {
              words = unsafe input.loadUnaligned(fromByteOffset: next, as: SIMD4<UInt32>.self)
              next &+= 16
              if used > 0 { rowValues |= words &<< (UInt32(width) &- used) }
            }
          }
          unsafe output.storeBytes(of: rowValues & mask, toByteOffset: start &* 4 &+ row &* 16, as: SIMD4<UInt32>.self)
        }
      }
    }
  }
}
