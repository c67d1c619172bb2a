import TestSupport
import Testing

@testable import Index

@Suite struct RadixSortTests {
  @Test(arguments: [0, 1, 63, 64, 65, 1_000, 70_000])
  func `numbers ascend as a sort by comparison has them`(count: Int) {
    var random = SeededGenerator(seed: UInt64(count) + 1)
    for greatest in [0, 3, 255, 256, UInt32.max] {
      var numbers = (0..<count).map { _ in UInt32.random(in: 0...greatest, using: &random) }
      let expected = numbers.sorted()
      RadixSort.sort(&numbers, by: 32)
      #expect(numbers == expected, "up to \(greatest)")
    }
  }

  @Test(arguments: [1, 8, 9, 24, 32]) func `by some of their bits they stay in order where these agree`(bits: Int) {
    var random = SeededGenerator(seed: UInt64(bits))
    let mask = UInt64.max >> UInt64(64 - bits)
    var numbers = (0..<3_000).map { UInt64.random(in: 0...mask, using: &random) << 32 | UInt64($0) }
    let expected = numbers.sorted()
    RadixSort.sort(&numbers, by: bits, from: 32)
    #expect(numbers == expected)
  }
}
