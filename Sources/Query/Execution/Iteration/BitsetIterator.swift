/// Walks the documents whose bit is set: what many short lists come to, gathered in any order and without sorting.
final class BitsetIterator: DocumentIterator {
  private let words: [UInt64]

  /// - Parameters:
  ///   - ordinals: in any order, each any number of times, below `limit`.
  ///   - limit: the slice's documents.
  init(_ ordinals: [UInt32], limit: Int) {
    var words = [UInt64](repeating: 0, count: (limit + 63) / 64)
    for ordinal in ordinals { words[Int(ordinal >> 6)] |= 1 << UInt64(ordinal & 63) }
    self.words = words
    super.init(cost: ordinals.count, isExact: true)
    ordinal = first(from: 0)
  }

  override func advance(to target: UInt32) {
    if ordinal < target { ordinal = first(from: target) }
  }

  private func first(from target: UInt32) -> UInt32 {
    var index = Int(target >> 6)
    guard index < words.count else { return Self.end }
    var word = words[index] & (.max << UInt64(target & 63))
    while word == 0 {
      index += 1
      if index == words.count { return Self.end }
      word = words[index]
    }
    return UInt32(index * 64 + word.trailingZeroBitCount)
  }

  override func quickCount(below end: UInt32) -> Int? {
    guard ordinal < end else { return 0 }
    defer { ordinal = Self.end }
    var count = 0
    for index in Int(ordinal >> 6)...Int((end - 1) >> 6) where index < words.count {
      var word = words[index]
      if index == Int(ordinal >> 6) { word &= .max << UInt64(ordinal & 63) }
      if index == Int((end - 1) >> 6) { word &= .max >> UInt64(63 - (end - 1) & 63) }
      count += word.nonzeroBitCount
    }
    return count
  }
}
