import Analysis

/// Finds a term among a few hundred: open addressing over `termHash`, with equal terms beside one another.
struct TermTable {
  /// Indices into the terms plus one, 0 where nothing is.
  private var slots: [Int32]
  private var hashes: [UInt32]
  /// What any term begins with: most of a text's terms end here.
  private var firstBytes = [Bool](repeating: false, count: 256)

  /// - Parameter terms: those that are `nil` are in no table; the others keep their indices.
  init(_ terms: [[UInt8]?]) {
    var capacity = 4
    while capacity < 2 * terms.count { capacity *= 2 }
    slots = [Int32](repeating: 0, count: capacity)
    hashes = [UInt32](repeating: 0, count: capacity)
    for (index, term) in terms.enumerated() {
      guard let term, let first = term.first else { continue }
      firstBytes[Int(first)] = true
      let hash = termHash(term)
      var slot = Int(hash) & (capacity - 1)
      while slots[slot] != 0 { slot = (slot + 1) & (capacity - 1) }
      slots[slot] = Int32(index + 1)
      hashes[slot] = hash
    }
  }

  /// Calls `body` with the index of each term that has the hash of `term`.
  @inline(__always)
  func forEachCandidate(for term: Span<UInt8>, _ body: (Int) -> Void) {
    guard firstBytes[Int(term[0])] else { return }
    let hash = termHash(term)
    var slot = Int(hash) & (slots.count - 1)
    while slots[slot] != 0 {
      if hashes[slot] == hash { body(Int(slots[slot]) - 1) }
      slot = (slot + 1) & (slots.count - 1)
    }
  }
}
