import Analysis
import Bytes

/// The different terms of the texts that are inverted, each with a number and how often it occurs: open addressing over
/// `termHash`. What one occurrence touches lies together, as nearly every look is one past the processor's caches.
struct InvertedTerms {
  private struct Term {
    /// The document and field that held it last, and how often that did so far.
    var holder: UInt64
    var countInHolder: UInt32
    /// In all.
    var count: UInt32
    /// Of its bytes.
    var start: UInt32
    var end: UInt32
  }

  /// The hash, and behind it the number plus one; 0 where nothing is.
  private var slots = [UInt64](repeating: 0, count: 1 << 12)
  private var terms: [Term] = []
  private var bytes: [UInt8] = []

  /// Different terms.
  var count: Int { terms.count }

  /// How often the term occurs.
  func count(_ id: Int) -> Int { Int(terms[id].count) }

  subscript(id: Int) -> [UInt8] { Array(bytes[Int(terms[id].start)..<Int(terms[id].end)]) }

  /// Counts one occurrence.
  /// - Parameters:
  ///   - holder: a number of the document and field, greater than those before it but for the same.
  ///   - limit: what one holder counts of a term.
  /// - Returns: the term's number, the next free one where it is new; `nil` where the holder has had its share.
  mutating func note(_ term: Span<UInt8>, in holder: UInt64, limit: UInt32) -> UInt32? {
    let id = insert(term, holder)
    if terms[id].holder != holder {
      terms[id].holder = holder
      terms[id].countInHolder = 0
    }
    guard terms[id].countInHolder < limit else { return nil }
    terms[id].countInHolder += 1
    terms[id].count += 1
    return UInt32(id)
  }

  private mutating func insert(_ term: Span<UInt8>, _ holder: UInt64) -> Int {
    let hash = termHash(term)
    var slot = Int(hash) & (slots.count - 1)
    while slots[slot] != 0 {
      let id = Int(slots[slot] & 0xFFFF_FFFF) - 1
      if slots[slot] >> 32 == UInt64(hash), isEqual(id, term) { return id }
      slot = (slot + 1) & (slots.count - 1)
    }
    slots[slot] = UInt64(hash) << 32 | UInt64(terms.count + 1)
    let start = UInt32(bytes.count)
    for index in term.indices { bytes.append(term[index]) }
    terms.append(Term(holder: holder, countInHolder: 0, count: 0, start: start, end: UInt32(bytes.count)))
    if terms.count * 2 > slots.count { grow() }
    return terms.count - 1
  }

  private func isEqual(_ id: Int, _ term: Span<UInt8>) -> Bool {
    let (start, end) = (Int(terms[id].start), Int(terms[id].end))
    guard end - start == term.count else { return false }
    let own = bytes.span.extracting(start..<end)
    for index in term.indices where own[index] != term[index] { return false }
    return true
  }

  private mutating func grow() {
    var grown = [UInt64](repeating: 0, count: slots.count * 4)
    for entry in slots where entry != 0 {
      var slot = Int(entry >> 32) & (grown.count - 1)
      while grown[slot] != 0 { slot = (slot + 1) & (grown.count - 1) }
      grown[slot] = entry
    }
    slots = grown
  }

  /// Ascending by the terms' bytes.
  func sortedIDs() -> [Int] {
    // Eight bytes decide nearly always.
    let keyed = terms.indices.map { id in (key: key(id), id: id) }
    return keyed.sorted { left, right in
      left.key == right.key ? precedes(left.id, right.id) : left.key < right.key
    }.map(\.id)
  }

  private func key(_ id: Int) -> UInt64 {
    let (start, end) = (Int(terms[id].start), Int(terms[id].end))
    var key: UInt64 = 0
    for offset in 0..<8 { key = key << 8 | (start + offset < end ? UInt64(bytes[start + offset]) : 0) }
    return key
  }

  private func precedes(_ left: Int, _ right: Int) -> Bool {
    bytes[Int(terms[left].start)..<Int(terms[left].end)]
      .lexicographicallyPrecedes(bytes[Int(terms[right].start)..<Int(terms[right].end)])
  }
}
