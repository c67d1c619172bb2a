/// Counts values by size, in the manner of Prometheus: each bucket counts the values up to its bound.
package struct Histogram: Sendable, Hashable {
  /// Ascending.
  package let bounds: [Double]
  /// Values up to each bound and above the one before; the last is of those above all bounds.
  private var counts: [UInt64]
  package private(set) var sum: Double = 0

  package init(bounds: [Double]) {
    self.bounds = bounds
    counts = [UInt64](repeating: 0, count: bounds.count + 1)
  }

  package var count: UInt64 { counts.reduce(0, +) }

  /// For each bound, how many values are not above it.
  package var cumulativeCounts: [UInt64] {
    var total: UInt64 = 0
    return counts.dropLast().map { count in
      total += count
      return total
    }
  }

  /// - Complexity: O(buckets)
  package mutating func note(_ value: Double) {
    counts[bounds.firstIndex { value <= $0 } ?? bounds.count] += 1
    sum += value
  }
}
