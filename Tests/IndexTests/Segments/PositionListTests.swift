import TestSupport
import Testing

@testable import Index

@Suite struct PositionListTests {
  private static func list(_ positions: [UInt32]) -> PositionList {
    var list = PositionList()
    var gaps: [UInt32] = []
    for (index, position) in positions.enumerated() {
      gaps.append(index == 0 ? position : position - positions[index - 1] - 1)
    }
    add(gaps, to: &list)
    return list
  }

  /// - Returns: whether all positions are within 32 bits.
  @discardableResult
  private static func add(_ gaps: [UInt32], to list: inout PositionList) -> Bool { list.append(addingUp: gaps.span) }

  @Test func `gaps add up to positions, in the room of those before`() {
    var list = Self.list([3, 4, 9, 1_000])
    #expect(list.positions == [3, 4, 9, 1_000])
    Self.add([0, 0], to: &list)
    #expect(list.positions == [3, 4, 9, 1_000, 0, 1])
    list.sort()
    #expect(list.positions == [0, 1, 3, 4, 9, 1_000])
    list.removeAll()
    #expect(list.isEmpty && list.positions.isEmpty)
    Self.add([UInt32](repeating: 0, count: 300), to: &list)
    #expect(list.positions == Array(0..<300)[...])
  }

  @Test func `a position beyond 32 bits is told`() {
    var list = PositionList()
    let fits = Self.add([.max - 2, 0], to: &list)
    let doesNot = Self.add([.max - 2, 1], to: &list)
    #expect(fits && !doesNot)
  }

  @Test func `positions behind which another lies at a distance are found and kept, and no others`() {
    var random = SeededGenerator(seed: 11)
    for round in 0..<500 {
      let size = UInt32([3, 20, 200].randomElement(using: &random)!)
      let own = (0..<size).filter { _ in Bool.random(using: &random) }
      let other = (0..<size).filter { _ in Int.random(in: 0..<5, using: &random) == 0 }
      let distance = UInt32.random(in: 0...4, using: &random)
      let wanted = Set(other)
      let expected = own.filter { wanted.contains($0 + distance) }
      var kept = Self.list(own)
      let others = Self.list(other)
      #expect(kept.isFollowed(by: others, at: distance) == !expected.isEmpty, "round \(round)")
      kept.keep(behindWhich: others, by: distance)
      #expect(kept.positions == expected[...], "round \(round)")
    }
  }
}
