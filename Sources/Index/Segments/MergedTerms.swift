import Bytes

/// Walks the terms of several parts at once, ascending.
struct MergedTerms {
  private var sources: [PartTerms] = []
  /// For each source the first eight bytes of its term, which decide nearly always; `nil` past its last.
  private var keys: [UInt64?] = []
  /// The parts that have the term here, ascending.
  private(set) var holders: [Int] = []

  /// Stands before the first term.
  init(_ parts: [SegmentPart]) throws {
    for part in parts {
      let terms = try PartTerms(part)
      keys.append(terms.key)
      sources.append(terms)
    }
  }

  /// The term here.
  var term: [UInt8] { sources[holders[0]].term }

  /// The entry of the term here in one of its holders.
  func entry(of holder: Int) -> TermEntry? { sources[holder].entry }

  /// Adds the postings that a holder has of the term here, in a list.
  mutating func readList(of holder: Int, _ entry: TermEntry, into postings: inout TermPostings) throws {
    try sources[holder].readList(of: entry, into: &postings)
  }

  /// - Returns: false past the last term.
  mutating func next() throws -> Bool {
    for holder in holders {
      try sources[holder].next()
      keys[holder] = sources[holder].key
    }
    holders.removeAll(keepingCapacity: true)
    var least: UInt64?
    for source in keys.indices {
      guard let key = keys[source] else { continue }
      switch least.map({ key < $0 ? -1 : key == $0 ? order(source, holders[0]) : 1 }) ?? -1 {
      case -1:
        least = key
        holders.removeAll(keepingCapacity: true)
        holders.append(source)
      case 0: holders.append(source)
      default: break
      }
    }
    return least != nil
  }

  /// Of terms whose keys are equal.
  private func order(_ left: Int, _ right: Int) -> Int {
    let (left, right) = (sources[left].term, sources[right].term)
    if left.count <= 8, left.count == right.count { return 0 }
    return left.precedes(right) ? -1 : left == right ? 0 : 1
  }
}

extension PartTerms {
  /// The first eight bytes of the term here, zeros behind a shorter one.
  fileprivate var key: UInt64? {
    if entry == nil { return nil }
    let term = term.span
    var key: UInt64 = 0
    for index in 0..<8 { key = key << 8 | (index < term.count ? UInt64(term[index]) : 0) }
    return key
  }
}
