/// A reproducible source of randomness where nothing secret hangs on it: jitter, shares of what is refused (SplitMix64, Steele
/// et al. 2014). One seed replays a run.
package struct SplitMix64: RandomNumberGenerator, Sendable {
  private var state: UInt64

  package init(seed: UInt64) { state = seed }

  package mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 31)
  }

  /// From 0 to just under 1.
  package mutating func nextFraction() -> Double { Double(next() >> 11) / Double(1 << 53) }
}
