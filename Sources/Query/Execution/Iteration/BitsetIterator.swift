/// Walks the documents whose bit is set: what many short lists come to, gathered in any order and without sorting.
final class BitsetIterator: DocumentIterator {
  private let words: [UInt64]

  /// - Parameter words: a bit for each ordinal.
  init(_ words: [UInt64]) {
    self.words = words
    var count = 0
    for word in words { count += word.nonzeroBitCount }
    super.init(cost: count, isExact: true)
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
