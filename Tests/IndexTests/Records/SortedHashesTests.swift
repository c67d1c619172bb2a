import TestSupport
import Testing

@testable import Index

@Suite struct SortedHashesTests {
  @Test(arguments: [0, 1, 2, 5, 200, 6_000]) func `a hash is found where it is, however they are spread`(count: Int) {
    var random = SeededGenerator(seed: UInt64(count) + 3)
    for bits in [1, 12, 24, 32] {
      let greatest = UInt32.max >> UInt32(32 - bits)
      for range in [0...greatest, 0...greatest / 1_000, greatest - greatest / 1_000...greatest] {
        let hashes = Set((0..<count).map { _ in UInt32.random(in: range, using: &random) }).sorted()
        for (index, hash) in hashes.enumerated() {
          #expect(SortedHashes.index(of: hash, in: hashes.span, bits: bits) == index)
        }
        let known = Set(hashes)
        for asked in (0..<50).map({ _ in UInt32.random(in: 0...greatest, using: &random) }) + [0, greatest]
        where !known.contains(asked) {
          #expect(SortedHashes.index(of: asked, in: hashes.span, bits: bits) == nil, "\(asked) of \(bits) bits")
        }
      }
    }
  }
}
