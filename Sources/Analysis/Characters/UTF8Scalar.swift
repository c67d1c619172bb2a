/// Reading and writing of single scalars in UTF-8 (Unicode §3.9, table 3-7: no overlong forms, no surrogates).
enum UTF8Scalar {
  /// The scalar that starts at `index` and its byte count, which is 0 when the bytes there are not well-formed.
  static func decode(_ bytes: Span<UInt8>, at index: Int) -> (value: UInt32, byteCount: Int) {
    let first = UInt32(bytes[index])
    if first < 0x80 { return (first, 1) }
    if first & 0xF0 == 0xE0, index &+ 2 < bytes.count {  // nearly all ideographs
      let second = UInt32(bytes[index &+ 1])
      let third = UInt32(bytes[index &+ 2])
      let value = (first & 0x0F) << 12 | (second & 0x3F) << 6 | third & 0x3F
      let isWellFormed = second & 0xC0 == 0x80 && third & 0xC0 == 0x80 && value >= 0x800 && value & 0xF800 != 0xD800
      return isWellFormed ? (value, 3) : (0, 0)
    }
    let count: Int
    let lowest: UInt32
    var value: UInt32
    switch first {
    case 0xC2...0xDF: (count, lowest, value) = (2, 0x80, first & 0x1F)
    case 0xE0...0xEF: (count, lowest, value) = (3, 0x800, first & 0x0F)
    case 0xF0...0xF4: (count, lowest, value) = (4, 0x10000, first & 0x07)
    default: return (0, 0)
    }
    guard index &+ count <= bytes.count else { return (0, 0) }
    for step in 1..<count {
      let next = UInt32(bytes[index &+ step])
      guard next & 0xC0 == 0x80 else { return (0, 0) }
      value = value << 6 | next & 0x3F
    }
    guard value >= lowest, value <= 0x10FFFF, value & 0xFFFF_F800 != 0xD800 else { return (0, 0) }
    return (value, count)
  }

  static func append(_ scalar: UInt32, to bytes: inout [UInt8]) {
    let low = { (shift: UInt32) in UInt8(truncatingIfNeeded: scalar >> shift & 0x3F) | 0x80 }
    switch scalar {
    case 0..<0x80: bytes.append(UInt8(scalar))
    case 0x80..<0x800:
      bytes.append(UInt8(truncatingIfNeeded: scalar >> 6) | 0xC0)
      bytes.append(low(0))
    case 0x800..<0x10000:
      bytes.append(UInt8(truncatingIfNeeded: scalar >> 12) | 0xE0)
      bytes.append(low(6))
      bytes.append(low(0))
    default:
      bytes.append(UInt8(truncatingIfNeeded: scalar >> 18 & 0x07) | 0xF0)
      bytes.append(low(12))
      bytes.append(low(6))
      bytes.append(low(0))
    }
  }

  static func byteCount(of scalar: UInt32) -> Int {
    scalar < 0x80 ? 1 : scalar < 0x800 ? 2 : scalar < 0x10000 ? 3 : 4
  }

  /// The longest length up to `limit` that ends between scalars of well-formed `bytes`.
  static func prefixLength(of bytes: Span<UInt8>, limit: Int) -> Int {
    guard bytes.count > limit else { return bytes.count }
    var length = limit
    while length > 0, bytes[length] & 0xC0 == 0x80 { length &-= 1 }
    return length
  }
}
