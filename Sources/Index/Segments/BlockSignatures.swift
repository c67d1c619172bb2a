import Analysis

/// Which three bytes stand one after another in the terms of each block of a dictionary: a filter of 512 bits a block, so that a search
/// for a part of words reads the few blocks that may hold it (as Cox, "Regular expression matching with a trigram index",
/// 2012, does with documents). Made by the first such search, in memory alone: an eighth of the dictionary's size.
struct BlockSignatures: Sendable {
  static let byteCount = 64
  private static let wordCount = byteCount / 8

  private var words: [UInt64]

  init(blockCount: Int) { words = [UInt64](repeating: 0, count: blockCount * Self.wordCount) }

  var byteCount: Int { words.count * 8 }

  /// Adds what of a term's bytes ends behind the first `start`.
  mutating func insert(_ term: Span<UInt8>, from start: Int, block: Int) {
    var end = max(2, start)
    while end < term.count {
      let bit = Self.bit(term[end - 2], term[end - 1], term[end])
      words[block * Self.wordCount + bit / 64] |= 1 << UInt64(bit % 64)
      end += 1
    }
  }

  /// Whether a term of the block may hold the part.
  func mayHold(_ part: Part, block: Int) -> Bool {
    for bit in part.bits where words[block * Self.wordCount + bit / 64] & 1 << UInt64(bit % 64) == 0 { return false }
    return true
  }

  /// What a term with the part in it has at least.
  struct Part {
    fileprivate let bits: [Int]

    /// - Returns: `nil` for fewer than three bytes, of which no block tells anything.
    init?(_ part: [UInt8]) {
      guard part.count >= 3 else { return nil }
      bits = (2..<part.count).map { BlockSignatures.bit(part[$0 - 2], part[$0 - 1], part[$0]) }
    }
  }

  /// Multiplicative hashing: Knuth, "The Art of Computer Programming", volume 3, section 6.4.
  private static func bit(_ first: UInt8, _ second: UInt8, _ third: UInt8) -> Int {
    let bytes = UInt32(first) | UInt32(second) << 8 | UInt32(third) << 16
    return Int((bytes &* 0x9E37_79B1) >> 23)
  }
}
