/// The 32-bit hash of a term, as on-disk filters keep it. **Stable**: it never changes between releases or machines.
///
/// The term is read as little-endian 64-bit words, the last one padded with zeros:
///
///     h = length * K
///     for each word w:  h = (h ^ w) * K;  h = h ^ (h >> 32)
///     h = h * K';  h = h ^ (h >> 29)          K  = 0x9E3779B97F4A7C15  (2^64 / golden ratio)
///     hash = low 32 bits ^ high 32 bits       K' = 0xBF58476D1CE4E5B9  (SplitMix64)
///
/// All products wrap. Golden values are in `TermHashTests`.
package func termHash(_ term: Span<UInt8>) -> UInt32 {
  let multiplier: UInt64 = 0x9E37_79B9_7F4A_7C15
  var hash = UInt64(term.count) &* multiplier
  var index = 0
  while index &+ 8 <= term.count {
    var word: UInt64 = 0
    for byte in 0..<8 { word |= UInt64(term[index &+ byte]) << UInt64(8 &* byte) }
    hash = (hash ^ word) &* multiplier
    hash ^= hash >> 32
    index &+= 8
  }
  if index < term.count {
    var word: UInt64 = 0
    var shift: UInt64 = 0
    while index < term.count {
      word |= UInt64(term[index]) << shift
      shift &+= 8
      index &+= 1
    }
    hash = (hash ^ word) &* multiplier
    hash ^= hash >> 32
  }
  hash = hash &* 0xBF58_476D_1CE4_E5B9
  hash ^= hash >> 29
  return UInt32(truncatingIfNeeded: hash ^ (hash >> 32))
}

package func termHash(_ term: [UInt8]) -> UInt32 { termHash(term.span) }
