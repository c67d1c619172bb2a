import Testing

@testable import Index

@Suite struct CompactionPlanTests {
  private let unit: UInt64 = 256 << 10

  @Test func `small files wait until they are as many as the fan-in`() {
    #expect(CompactionPlan.tier(of: [], 8) == nil)
    #expect(CompactionPlan.tier(of: [UInt64](repeating: 100, count: 7), 8) == nil)
    #expect(CompactionPlan.tier(of: [UInt64](repeating: 100, count: 8), 8) == 0..<8)
    #expect(CompactionPlan.tier(of: [UInt64](repeating: 100, count: 30), 8) == 0..<30)
  }

  @Test func `large files are left alone until there are as many of them, and only the newest are taken`() {
    let large = [UInt64](repeating: unit * 7, count: 5)
    let small = [UInt64](repeating: unit / 2, count: 8)
    #expect(CompactionPlan.tier(of: large + small, 8) == 5..<13)
    #expect(CompactionPlan.tier(of: large + small.dropLast(3), 8) == nil, "too few of either size")
    #expect(CompactionPlan.tier(of: large + large + small.dropLast(5), 8) == 0..<13, "small ones ride along")
    #expect(CompactionPlan.tier(of: [unit * 1_000] + large + large + small.dropLast(5), 8) == 1..<14)
    #expect(CompactionPlan.tier(of: small.dropLast(1) + [unit * 1_000], 8) == nil, "small ones that are older stay")
  }

  @Test func `every byte is written once for each tier`() {
    var sizes: [UInt64] = []
    var (added, written) = (UInt64(0), UInt64(0))
    for _ in 0..<5_000 {
      sizes.append(unit / 2)
      added += unit / 2
      while let range = CompactionPlan.tier(of: sizes, 8) {
        let merged = sizes[range].reduce(0, +)
        written += merged
        sizes.replaceSubrange(range, with: [merged])
      }
    }
    #expect(sizes.count < 32)
    #expect(written < added * 5, "\(Double(written) / Double(added)) times")
  }
}
