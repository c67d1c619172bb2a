import Bytes
import Index

/// The hits in one slice: a bit for each of its ordinals.
struct SliceHits {
  let slice: Slice
  private var words: [UInt64]
  private(set) var count = 0

  init(_ slice: Slice) {
    self.slice = slice
    words = [UInt64](repeating: 0, count: (slice.docIDs.count + 63) / 64)
  }

  /// The ordinal must not be in yet.
  mutating func insert(_ ordinal: Int) {
    words[ordinal >> 6] |= 1 << UInt64(ordinal & 63)
    count += 1
  }

  func contains(_ ordinal: Int) -> Bool { words[ordinal >> 6] & 1 << UInt64(ordinal & 63) != 0 }

  /// Ascending: newest first.
  func forEachOrdinal(_ body: (Int) throws -> Void) rethrows {
    for (index, word) in words.enumerated() {
      var rest = word
      while rest != 0 {
        try body(index << 6 | rest.trailingZeroBitCount)
        rest &= rest - 1
      }
    }
  }

  func docID(_ ordinal: Int) -> DocID { DocID(rawValue: slice.docIDs[ordinal]) }
}
