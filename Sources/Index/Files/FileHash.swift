/// XXH64 (Collet, https://github.com/Cyan4973/xxHash/blob/dev/doc/xxhash_spec.md) with seed 0, fed piece by piece: the
/// hash over a whole run file. Guards against lost, doubled and swapped blocks, which each block's own CRC cannot see.
struct FileHash: Sendable {
  private static let primes: (UInt64, UInt64, UInt64, UInt64, UInt64) = (
    0x9E37_79B1_85EB_CA87, 0xC2B2_AE3D_27D4_EB4F, 0x1656_67B1_9E37_79F9, 0x85EB_CA77_C2B2_AE63, 0x27D4_EB2F_1656_67C5
  )

  private var lanes: SIMD4<UInt64>
  private var pending: [UInt8] = []
  private var total: UInt64 = 0

  init() {
    let (p1, p2, _, _, _) = Self.primes
    lanes = SIMD4(p1 &+ p2, p2, 0, 0 &- p1)
  }

  mutating func update(_ bytes: [UInt8]) {
    total += UInt64(bytes.count)
    var start = 0
    if !pending.isEmpty {
      start = min(32 - pending.count, bytes.count)
      pending += bytes[..<start]
      if pending.count == 32 {
        let full = pending
        pending = []
        consume(full.span, at: 0)
      }
    }
    let span = bytes.span
    while start + 32 <= bytes.count {
      consume(span, at: start)
      start += 32
    }
    if start < bytes.count { pending += bytes[start...] }
  }

  var value: UInt64 {
    let (p1, p2, p3, p4, p5) = Self.primes
    var hash: UInt64
    if total >= 32 {
      hash =
        Self.rotate(lanes[0], 1) &+ Self.rotate(lanes[1], 7) &+ Self.rotate(lanes[2], 12) &+ Self.rotate(lanes[3], 18)
      for lane in 0..<4 { hash = (hash ^ Self.round(0, lanes[lane])) &* p1 &+ p4 }
    } else {
      hash = p5
    }
    hash = hash &+ total
    let rest = pending.span
    var index = 0
    while index + 8 <= rest.count {
      hash = Self.rotate(hash ^ Self.round(0, Self.word(rest, index)), 27) &* p1 &+ p4
      index += 8
    }
    if index + 4 <= rest.count {
      var word: UInt64 = 0
      for byte in 0..<4 { word |= UInt64(rest[index + byte]) << UInt64(8 * byte) }
      hash = Self.rotate(hash ^ (word &* p1), 23) &* p2 &+ p3
      index += 4
    }
    while index < rest.count {
      hash = Self.rotate(hash ^ (UInt64(rest[index]) &* p5), 11) &* p1
      index += 1
    }
    hash = (hash ^ (hash >> 33)) &* p2
    hash = (hash ^ (hash >> 29)) &* p3
    return hash ^ (hash >> 32)
  }

  private mutating func consume(_ bytes: Span<UInt8>, at start: Int) {
    for lane in 0..<4 { lanes[lane] = Self.round(lanes[lane], Self.word(bytes, start + 8 * lane)) }
  }

  private static func word(_ bytes: Span<UInt8>, _ start: Int) -> UInt64 {
    var word: UInt64 = 0
    for byte in 0..<8 { word |= UInt64(bytes[start &+ byte]) << UInt64(8 &* byte) }
    return word
  }

  private static func round(_ lane: UInt64, _ word: UInt64) -> UInt64 {
    rotate(lane &+ word &* primes.1, 31) &* primes.0
  }

  private static func rotate(_ value: UInt64, _ count: UInt64) -> UInt64 { value << count | value >> (64 - count) }
}
