import Bytes

/// All postings of one term, as they are gathered before they are encoded.
struct TermPostings: Equatable {
  /// Of the documents that hold the term, ascending.
  private(set) var ordinals: [UInt32] = []
  /// Beside them, the fields that hold it: `RecordFields.rawValue`, none 0.
  private(set) var masks: [UInt16] = []
  /// For each document and each field of it that holds the term, fields ascending: how often.
  private(set) var counts: [UInt32] = []
  /// For each of these, the positions, ascending.
  private(set) var positions: [UInt32] = []

  var count: Int { ordinals.count }
  var isEmpty: Bool { ordinals.isEmpty }

  /// For each document, where its counts begin and where its positions do.
  private(set) var starts: [(count: Int, position: Int)] = []

  static func == (left: Self, right: Self) -> Bool {
    left.ordinals == right.ordinals && left.masks == right.masks && left.counts == right.counts
      && left.positions == right.positions
  }

  mutating func removeAll() {
    ordinals.removeAll(keepingCapacity: true)
    masks.removeAll(keepingCapacity: true)
    counts.removeAll(keepingCapacity: true)
    positions.removeAll(keepingCapacity: true)
    starts.removeAll(keepingCapacity: true)
  }

  /// Adds one occurrence. They come by ordinal, within a document by field and within a field by position.
  mutating func append(_ ordinal: UInt32, field: UInt8, position: UInt32) {
    let bit: UInt16 = 1 << UInt16(field)
    if ordinals.last != ordinal {
      beginDocument(ordinal)
    } else if masks[masks.count - 1] & bit != 0 {
      // Written with accents and without, a word may stand twice at one place.
      if positions[positions.count - 1] == position { return }
      counts[counts.count - 1] += 1
      positions.append(position)
      return
    }
    masks[masks.count - 1] |= bit
    counts.append(1)
    positions.append(position)
  }

  /// Adds a document with all its occurrences.
  mutating func append(
    _ ordinal: UInt32, mask: UInt16, counts: ArraySlice<UInt32>, positions: ArraySlice<UInt32>
  ) {
    beginDocument(ordinal)
    masks[masks.count - 1] = mask
    self.counts += counts
    self.positions += positions
  }

  private mutating func beginDocument(_ ordinal: UInt32) {
    starts.append((counts.count, positions.count))
    ordinals.append(ordinal)
    masks.append(0)
  }

  /// Brings documents that were added in another order into that of their ordinals.
  func sorted() -> TermPostings {
    var sorted = TermPostings()
    for index in ordinals.indices.sorted(by: { ordinals[$0] < ordinals[$1] }) {
      let end = index + 1 < count ? starts[index + 1] : (counts.count, positions.count)
      sorted.append(
        ordinals[index], mask: masks[index], counts: counts[starts[index].count..<end.0],
        positions: positions[starts[index].position..<end.1])
    }
    return sorted
  }

  /// Whether the ordinals ascend, each once.
  var isAscending: Bool { zip(ordinals, ordinals.dropFirst()).allSatisfy { $0 < $1 } }
}
