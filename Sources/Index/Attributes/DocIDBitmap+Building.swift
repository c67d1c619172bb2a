package import Bytes

extension DocIDBitmap {
  /// From values in any order, each any number of times.
  /// - Complexity: O(n log n) for few, O(n) for many.
  package init(unordered docIDs: [UInt32]) {
    self.init()
    if docIDs.count <= 1_024 { fill(sorted: docIDs.sorted()) } else { fill(many: docIDs) }
  }

  private mutating func fill(many docIDs: [UInt32]) {
    var words: [UInt16: [UInt64]] = [:]
    var key = UInt16(docIDs[0] >> 16)
    var current = [UInt64](repeating: 0, count: BitmapContainer.wordCount)
    for docID in docIDs {
      let own = UInt16(docID >> 16)
      if own != key {
        words[key] = current
        key = own
        current = words.removeValue(forKey: own) ?? [UInt64](repeating: 0, count: BitmapContainer.wordCount)
      }
      current[Int(docID >> 6 & 1_023)] |= 1 << UInt64(docID & 63)
    }
    words[key] = current
    for key in words.keys.sorted() { append(key, BitmapContainer(words: words[key] ?? [])) }
  }

  private mutating func fill(sorted docIDs: [UInt32]) {
    var start = 0
    while start < docIDs.count {
      let key = UInt16(docIDs[start] >> 16)
      var values: [UInt16] = []
      while start < docIDs.count, UInt16(docIDs[start] >> 16) == key {
        let value = UInt16(truncatingIfNeeded: docIDs[start])
        if values.last != value { values.append(value) }
        start += 1
      }
      append(key, BitmapContainer(sorted: values))
    }
  }

  /// Those that came after one.
  package func later(than docID: DocID) -> DocIDBitmap {
    guard let last, last > docID else { return DocIDBitmap() }
    var later = DocIDBitmap()
    later.insert(docID.rawValue + 1...last.rawValue)
    return intersection(later)
  }

  /// Inserts all docIDs of a range.
  mutating func insert(_ range: ClosedRange<UInt32>) {
    var rest = DocIDBitmap()
    var key = range.lowerBound >> 16
    while key <= range.upperBound >> 16 {
      let low = max(range.lowerBound, key << 16) & 0xFFFF
      let high = min(range.upperBound, key << 16 | 0xFFFF) & 0xFFFF
      rest.append(UInt16(key), BitmapContainer(range: UInt16(low)...UInt16(high)))
      key += 1
    }
    formUnion(rest)
  }
}
