import TestSupport
import Testing

@testable import Index

@Suite struct OrdinalWindowTests {
  private func members(_ window: OrdinalWindow) -> [UInt32] {
    var window = window
    var members: [UInt32] = []
    window.filter { ordinal in
      members.append(ordinal)
      return true
    }
    return members
  }

  @Test func `windows combine as sets do`() {
    var random = SeededGenerator(seed: 3)
    for _ in 0..<200 {
      let start = UInt32.random(in: 0..<100_000, using: &random)
      let end = start + UInt32.random(in: 1..<10_000, using: &random)
      var left = OrdinalWindow()
      left.reset(from: start, below: end, of: 200_000)
      var right = OrdinalWindow()
      right.reset(like: left)
      #expect(left.start <= start && left.start % 64 == 0 && left.end <= end)
      var (one, other): (Set<UInt32>, Set<UInt32>) = ([], [])
      for _ in 0..<Int.random(in: 0..<500, using: &random) {
        let ordinal = UInt32.random(in: start..<left.end, using: &random)
        if Bool.random(using: &random) {
          left.insert(ordinal)
          one.insert(ordinal)
        } else {
          right.insert(ordinal)
          other.insert(ordinal)
        }
      }
      var union = left
      union.formUnion(right)
      var intersection = left
      intersection.formIntersection(right)
      var rest = left
      rest.subtract(right)
      #expect(members(left) == one.sorted() && left.count == one.count && left.isEmpty == one.isEmpty)
      #expect(members(union) == one.union(other).sorted())
      #expect(members(intersection) == one.intersection(other).sorted())
      #expect(members(rest) == one.subtracting(other).sorted())
      left.filter { $0 % 3 == 0 }
      #expect(members(left) == one.filter { $0 % 3 == 0 }.sorted())
    }
  }
}
