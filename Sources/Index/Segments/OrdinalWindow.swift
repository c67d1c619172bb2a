/// Consecutive ordinals of a part as bits: in what lies in it whole lists are combined at once, where one document after another
/// would be a call for each (as Lucene's and tantivy's windows of boolean scorers do).
package struct OrdinalWindow {
  /// 8,192: a kilobyte of bits.
  package static let limit: UInt32 = 8_192

  /// A multiple of 64.
  package private(set) var start: UInt32 = 0
  package private(set) var end: UInt32 = 0
  /// Documents of the whole slice.
  package private(set) var sliceCount = 0
  /// One for each ordinal from `start` on; none at `end` or above.
  package private(set) var words: [UInt64]

  package init() { words = [UInt64](repeating: 0, count: Int(Self.limit / 64)) }

  /// Makes it an empty one.
  /// - Parameters:
  ///   - ordinal: the first one that is of interest.
  ///   - sliceCount: documents of the whole slice.
  package mutating func reset(from ordinal: UInt32, below end: UInt32, of sliceCount: Int) {
    self.sliceCount = sliceCount
    start = ordinal & ~63
    self.end = min(end, start > .max - Self.limit ? .max : start + Self.limit)
    for index in words.indices { words[index] = 0 }
  }

  /// Makes it an empty one of the same ordinals as another.
  package mutating func reset(like other: OrdinalWindow) {
    reset(from: other.start, below: other.end, of: other.sliceCount)
  }

  /// - Parameter ordinal: one of the window's.
  package mutating func insert(_ ordinal: UInt32) {
    let place = ordinal - start
    words[Int(place >> 6)] |= 1 << UInt64(place & 63)
  }

  /// Those of a list that are in the window, from `index` on.
  /// - Parameter ordinals: ascending, none below `start` from `index` on.
  /// - Returns: the index of the first one behind the window.
  mutating func insert(_ ordinals: Span<UInt32>, from index: Int) -> Int {
    let (start, end) = (start, end)
    var words = words.mutableSpan
    var index = index
    while index < ordinals.count {
      let ordinal = ordinals[index]
      if ordinal >= end { break }
      let place = ordinal &- start
      words[Int(place >> 6)] |= 1 << UInt64(place & 63)
      index += 1
    }
    return index
  }

  package mutating func formUnion(_ other: OrdinalWindow) {
    for index in words.indices { words[index] |= other.words[index] }
  }

  package mutating func formIntersection(_ other: OrdinalWindow) {
    for index in words.indices { words[index] &= other.words[index] }
  }

  package mutating func subtract(_ other: OrdinalWindow) {
    for index in words.indices { words[index] &= ~other.words[index] }
  }

  package var count: Int {
    var count = 0
    for word in words { count += word.nonzeroBitCount }
    return count
  }

  package var isEmpty: Bool { words.allSatisfy { $0 == 0 } }

  /// Keeps those that pass, asked in ascending order.
  package mutating func filter(_ isIncluded: (UInt32) throws -> Bool) rethrows {
    for index in words.indices {
      var rest = words[index]
      while rest != 0 {
        let bit = UInt64(rest.trailingZeroBitCount)
        rest &= rest - 1
        if try !isIncluded(start + UInt32(index) * 64 + UInt32(bit)) { words[index] &= ~(1 << bit) }
      }
    }
  }
}
