/// Finding a hash among sorted ones: they are spread evenly, so its place is known to within a few (interpolation search; Perl,
/// Itai and Avni, 1978), where halving would touch one cache line after another.
enum SortedHashes {
  /// - Parameters:
  ///   - hashes: ascending.
  ///   - bits: of each, 1 to 32.
  /// - Returns: where the hash is; `nil` where it is not.
  static func index(of hash: UInt32, in hashes: Span<UInt32>, bits: Int) -> Int? {
    var low = 0
    var high = hashes.count
    if high == 0 { return nil }
    let guess = Int(truncatingIfNeeded: (UInt64(hash) &* UInt64(high)) >> UInt64(bits))
    var step = 4
    // Away from the guess, twice as far each time, until the hash lies between.
    if guess < high, hashes[guess] < hash {
      low = guess + 1
      while low + step < high, hashes[low + step] < hash {
        low += step + 1
        step *= 2
      }
      high = min(low + step + 1, high)
    } else {
      high = min(guess + 1, high)
      while high > step, hashes[high - step] > hash {
        high -= step
        step *= 2
      }
      low = max(0, high - step)
    }
    while low < high {
      let middle = (low + high) / 2
      if hashes[middle] < hash { low = middle + 1 } else { high = middle }
    }
    return low < hashes.count && hashes[low] == hash ? low : nil
  }
}
