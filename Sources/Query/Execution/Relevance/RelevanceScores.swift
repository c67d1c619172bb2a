import Bytes
import Index

/// The scores of all hits, by slice and ordinal.
struct RelevanceScores {
  /// Beside the slices of hits that they were made of.
  private var slices: [[Float]]

  init(_ slices: [SliceHits], _ score: Float) {
    self.slices = slices.map { [Float](repeating: score, count: $0.slice.docIDs.count) }
  }

  mutating func add(_ score: Float, _ slice: Int, _ ordinal: Int) { slices[slice][ordinal] += score }

  mutating func multiply(_ slice: Int, _ ordinal: Int, by factor: Float) { slices[slice][ordinal] *= factor }

  /// Less for a higher score: the bits of numbers above zero ascend with them.
  func rank(_ slice: Int, _ ordinal: Int) -> UInt64 { UInt64(~slices[slice][ordinal].bitPattern) }

  static func score(ofRank rank: UInt64) -> Double { Double(Float(bitPattern: ~UInt32(truncatingIfNeeded: rank))) }
}
