/// One 65,536-value slice of a `DocIDBitmap`: a sorted list while it holds few values, a bit array when it holds many.
///
/// The crossing at 4,096 values is where both take 8 KiB (Chambi et al., "Better bitmap performance with Roaring
/// bitmaps", 2016). One struct with both arrays instead of an enum, so that a mutation never copies the payload out.
struct BitmapContainer: Sendable {
  static let sparseLimit = 4_096
  static let wordCount = 1_024

  /// Sorted; used while `words` is empty.
  private(set) var values: [UInt16] = []
  /// 1,024 words of bits, or empty.
  private(set) var words: [UInt64] = []
  private(set) var count = 0

  init() {}

  init(words: [UInt64]) {
    self.words = words
    count = words.reduce(0) { $0 + $1.nonzeroBitCount }
    if count <= Self.sparseLimit { makeSparse() }
  }

  init(sorted values: [UInt16]) {
    self.values = values
    count = values.count
    if count > Self.sparseLimit { makeDense() }
  }

  init(range: ClosedRange<UInt16>) {
    if range.count <= Self.sparseLimit {
      self.init(sorted: Array(range))
    } else {
      var words = [UInt64](repeating: 0, count: Self.wordCount)
      for value in range { words[Int(value >> 6)] |= 1 << UInt64(value & 63) }
      self.init(words: words)
    }
  }

  var isDense: Bool { !words.isEmpty }
  var byteCount: Int { values.count * 2 + words.count * 8 }

  func contains(_ value: UInt16) -> Bool {
    if isDense { return words[Int(value >> 6)] & (1 << UInt64(value & 63)) != 0 }
    let index = lowerBound(value)
    return index < values.count && values[index] == value
  }

  /// - Parameter place: where the last value asked for stands or would stand, 0 at first; searched from there by galloping.
  func contains(_ value: UInt16, near place: inout Int) -> Bool {
    if isDense { return words[Int(value >> 6)] & (1 << UInt64(value & 63)) != 0 }
    let values = values.span
    var step = 1
    var low = place
    var high = place
    if place < values.count, values[place] < value {
      while high < values.count, values[high] < value {
        low = high + 1
        high += step
        step *= 2
      }
    } else {
      while low > 0, values[low - 1] >= value {
        high = low - 1
        low -= step
        step *= 2
      }
    }
    low = max(low, 0)
    high = min(high, values.count)
    while low < high {
      let middle = (low + high) / 2
      if values[middle] < value { low = middle + 1 } else { high = middle }
    }
    place = low
    return low < values.count && values[low] == value
  }

  /// - Returns: whether the value is new.
  @discardableResult
  mutating func insert(_ value: UInt16) -> Bool {
    if isDense {
      let bit: UInt64 = 1 << UInt64(value & 63)
      if words[Int(value >> 6)] & bit != 0 { return false }
      words[Int(value >> 6)] |= bit
      count += 1
      return true
    }
    if let last = values.last, last < value {
      values.append(value)
    } else {
      let index = lowerBound(value)
      if index < values.count && values[index] == value { return false }
      values.insert(value, at: index)
    }
    count += 1
    if count > Self.sparseLimit { makeDense() }
    return true
  }

  /// - Returns: whether the value was there.
  @discardableResult
  mutating func remove(_ value: UInt16) -> Bool {
    if isDense {
      let bit: UInt64 = 1 << UInt64(value & 63)
      if words[Int(value >> 6)] & bit == 0 { return false }
      words[Int(value >> 6)] &= ~bit
      count -= 1
      // Not at the limit itself, so that a container on the edge does not change its form with every flip.
      if count <= Self.sparseLimit / 2 { makeSparse() }
      return true
    }
    let index = lowerBound(value)
    guard index < values.count && values[index] == value else { return false }
    values.remove(at: index)
    count -= 1
    return true
  }

  /// The bits, whatever the form.
  var denseWords: [UInt64] {
    if isDense { return words }
    var bits = [UInt64](repeating: 0, count: Self.wordCount)
    for value in values { bits[Int(value >> 6)] |= 1 << UInt64(value & 63) }
    return bits
  }

  func forEach(_ body: (UInt16) throws -> Void) rethrows {
    guard isDense else { return try values.forEach(body) }
    for (index, word) in words.enumerated() {
      var rest = word
      while rest != 0 {
        try body(UInt16(index * 64 + rest.trailingZeroBitCount))
        rest &= rest - 1
      }
    }
  }

  /// `nil` where it is empty.
  var last: UInt16? {
    if !isDense { return values.last }
    guard let index = words.lastIndex(where: { $0 != 0 }) else { return nil }
    return UInt16(index * 64 + 63 - words[index].leadingZeroBitCount)
  }

  func first(notBelow value: UInt16) -> UInt16? {
    guard isDense else {
      let index = lowerBound(value)
      return index < values.count ? values[index] : nil
    }
    var index = Int(value >> 6)
    var word = words[index] & (.max << UInt64(value & 63))
    while word == 0 {
      index += 1
      if index == Self.wordCount { return nil }
      word = words[index]
    }
    return UInt16(index * 64 + word.trailingZeroBitCount)
  }

  private func lowerBound(_ value: UInt16) -> Int {
    var low = 0
    var high = values.count
    while low < high {
      let middle = (low + high) / 2
      if values[middle] < value { low = middle + 1 } else { high = middle }
    }
    return low
  }

  private mutating func makeDense() {
    words = denseWords
    values = []
  }

  private mutating func makeSparse() {
    var list: [UInt16] = []
    list.reserveCapacity(count)
    forEach { list.append($0) }
    values = list
    words = []
  }
}

// MARK: - Set algebra

extension BitmapContainer {
  func union(_ other: BitmapContainer) -> BitmapContainer {
    if !isDense && !other.isDense && count + other.count <= Self.sparseLimit {
      return BitmapContainer(sorted: Self.merge(values, other.values))
    }
    var bits = isDense ? words : other.denseWords
    let rest = isDense ? other : self
    if rest.isDense {
      for index in 0..<Self.wordCount { bits[index] |= rest.words[index] }
    } else {
      for value in rest.values { bits[Int(value >> 6)] |= 1 << UInt64(value & 63) }
    }
    return BitmapContainer(words: bits)
  }

  func intersection(_ other: BitmapContainer) -> BitmapContainer {
    if isDense && other.isDense {
      var bits = words
      for index in 0..<Self.wordCount { bits[index] &= other.words[index] }
      return BitmapContainer(words: bits)
    }
    if !isDense, !other.isDense, Self.areOfLikeSize(count, other.count) {
      return BitmapContainer(sorted: Self.common(values, other.values))
    }
    // The short list drives; the other side answers membership.
    let (driver, other) = !isDense && (other.isDense || count <= other.count) ? (self, other) : (other, self)
    return BitmapContainer(sorted: driver.values.filter { other.contains($0) })
  }

  func subtracting(_ other: BitmapContainer) -> BitmapContainer {
    guard isDense else {
      if !other.isDense, Self.areOfLikeSize(count, other.count) {
        return BitmapContainer(sorted: Self.difference(values, other.values))
      }
      return BitmapContainer(sorted: values.filter { !other.contains($0) })
    }
    var bits = words
    if other.isDense {
      for index in 0..<Self.wordCount { bits[index] &= ~other.words[index] }
    } else {
      for value in other.values { bits[Int(value >> 6)] &= ~(1 << UInt64(value & 63)) }
    }
    return BitmapContainer(words: bits)
  }

  /// Then walking both lists is cheaper than looking each value of the one up in the other.
  private static func areOfLikeSize(_ left: Int, _ right: Int) -> Bool {
    min(left, right) * 16 >= max(left, right)
  }

  private static func common(_ left: [UInt16], _ right: [UInt16]) -> [UInt16] {
    if left == right { return left }
    var common: [UInt16] = []
    common.reserveCapacity(min(left.count, right.count))
    var l = 0
    var r = 0
    while l < left.count && r < right.count {
      let (first, second) = (left[l], right[r])
      if first == second { common.append(first) }
      if first <= second { l += 1 }
      if second <= first { r += 1 }
    }
    return common
  }

  private static func difference(_ left: [UInt16], _ right: [UInt16]) -> [UInt16] {
    if left == right { return [] }
    var rest: [UInt16] = []
    rest.reserveCapacity(left.count)
    var r = 0
    for value in left {
      while r < right.count && right[r] < value { r += 1 }
      if r == right.count || right[r] != value { rest.append(value) }
    }
    return rest
  }

  private static func merge(_ left: [UInt16], _ right: [UInt16]) -> [UInt16] {
    var merged: [UInt16] = []
    merged.reserveCapacity(left.count + right.count)
    var l = 0
    var r = 0
    while l < left.count && r < right.count {
      if left[l] == right[r] {
        merged.append(left[l])
        l += 1
        r += 1
      } else if left[l] < right[r] {
        merged.append(left[l])
        l += 1
      } else {
        merged.append(right[r])
        r += 1
      }
    }
    merged += left[l...]
    merged += right[r...]
    return merged
  }
}

extension BitmapContainer: Equatable {
  /// Equal values, whatever the form.
  static func == (left: Self, right: Self) -> Bool {
    guard left.count == right.count else { return false }
    if left.isDense == right.isDense { return left.values == right.values && left.words == right.words }
    return left.denseWords == right.denseWords
  }
}
