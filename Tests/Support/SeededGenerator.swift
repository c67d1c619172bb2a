import Bytes

/// A reproducible random source for tests. Print the seed when a test fails.
package struct SeededGenerator: RandomNumberGenerator, Sendable {
  private var source: SplitMix64

  package init(seed: UInt64) { source = SplitMix64(seed: seed) }

  package mutating func next() -> UInt64 { source.next() }
}
