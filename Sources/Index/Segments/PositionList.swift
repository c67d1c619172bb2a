/// Where a word stands in one field of a document, ascending; gathered for one document after another in the same room.
package struct PositionList {
  /// There is more room than is used.
  private var numbers: [UInt32] = []
  package private(set) var count = 0

  /// Takes memory only when something is added.
  package init() {}

  package var isEmpty: Bool { count == 0 }
  package var positions: ArraySlice<UInt32> { numbers.prefix(count) }

  package mutating func removeAll() { count = 0 }

  /// Adds what gaps add up to.
  /// - Parameter gaps: the first position, then each difference from the one before less one.
  /// - Returns: false where a position is beyond 32 bits, which is cut then.
  mutating func append(addingUp gaps: Span<UInt32>) -> Bool {
    let start = count
    count += gaps.count
    if numbers.count < count { numbers += repeatElement(0, count: max(64, 2 * count - numbers.count)) }
    var numbers = numbers.mutableSpan
    var next = 0
    for index in gaps.indices {
      next &+= Int(gaps[index])
      numbers[start &+ index] = UInt32(truncatingIfNeeded: next)
      next &+= 1
    }
    return next <= Int(UInt32.max)
  }

  /// After positions of several words were added.
  package mutating func sort() { numbers[..<count].sort() }

  /// Keeps those so far behind which one of the others lies.
  package mutating func keep(behindWhich others: borrowing PositionList, by distance: UInt32) {
    let (ownCount, otherCount) = (count, others.count)
    var own = numbers.mutableSpan
    let other = others.numbers.span
    var (kept, place) = (0, 0)
    for index in 0..<ownCount {
      let position = own[index]
      let wanted = position &+ distance
      while place < otherCount, other[place] < wanted { place &+= 1 }
      guard place < otherCount else { break }
      guard other[place] == wanted else { continue }
      own[kept] = position
      kept &+= 1
    }
    count = kept
  }

  /// Whether one of the others lies so far behind one of these.
  package func isFollowed(by others: borrowing PositionList, at distance: UInt32) -> Bool {
    let (own, other) = (numbers.span, others.numbers.span)
    var place = 0
    for index in 0..<count {
      let wanted = own[index] &+ distance
      while place < others.count, other[place] < wanted { place &+= 1 }
      guard place < others.count else { return false }
      if other[place] == wanted { return true }
    }
    return false
  }
}
