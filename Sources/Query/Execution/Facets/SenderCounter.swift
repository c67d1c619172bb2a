import Bytes
import Index

/// Counts hits by their first sender's address. Most lie in the largest part, where an address is a number: only the addresses of
/// the other slices, and those that are shown, become text.
struct SenderCounter {
  private let hits: HitSet
  private let attributes: UserAttributes
  private let cache: RecordCache

  init(_ hits: HitSet, _ attributes: UserAttributes, _ cache: RecordCache) {
    self.hits = hits
    self.attributes = attributes
    self.cache = cache
  }

  private struct Tally {
    var count = 0
    /// Of these hits.
    var newest: DocumentKey?

    mutating func add(_ count: Int, _ newest: DocumentKey) {
      self.count += count
      self.newest = self.newest.map { max($0, newest) } ?? newest
    }
  }

  func counts(limit: Int) throws -> FacetCounts {
    let slices = try hits.slices()
    let base = slices.indices.max { Self.size(slices[$0]) < Self.size(slices[$1]) }
    let names = try base.flatMap { try slices[$0].slice.part?.senders() }
    // By number of the address in the base, and the others by the address.
    var known = [Tally](repeating: Tally(), count: names?.stringCount ?? 0)
    var others: [[UInt8]: Tally] = [:]
    for (index, hits) in slices.enumerated() {
      if index == base, let names {
        forEachAddress(hits, names) { number, count, newest in known[number].add(count, newest) }
      } else if let column = try hits.slice.part?.senders() {
        forEachAddress(hits, column) { number, count, newest in
          add(column.string(number: number), count, newest)
        }
      } else {
        try hits.forEachOrdinal { ordinal in
          let docID = hits.docID(ordinal)
          add(Array(try cache.record(docID).senderAddress.utf8), 1, attributes.key(docID))
        }
      }
    }
    func add(_ address: [UInt8], _ count: Int, _ newest: DocumentKey) {
      if let number = names?.number(of: address) {
        known[number].add(count, newest)
      } else {
        others[address, default: Tally()].add(count, newest)
      }
    }
    others[[]] = nil
    if let number = names?.number(of: []) { known[number] = Tally() }
    return try best(known, names, others, limit)
  }

  private static func size(_ hits: SliceHits) -> Int { hits.slice.part == nil ? 0 : hits.slice.docIDs.count }

  private func forEachAddress(
    _ hits: SliceHits, _ column: SenderColumn,
    _ body: (_ number: Int, _ count: Int, _ newest: DocumentKey) -> Void
  ) {
    var counts = [Int](repeating: 0, count: column.count)
    var newest = [UInt32](repeating: .max, count: column.count)
    hits.forEachOrdinal { ordinal in
      let sender = column.sender(at: ordinal)
      counts[sender] += 1
      if newest[sender] == .max { newest[sender] = UInt32(ordinal) }
    }
    for sender in counts.indices where counts[sender] > 0 {
      body(
        column.addressNumber(of: sender), counts[sender], attributes.key(hits.docID(Int(newest[sender]))))
    }
  }

  /// Only those that may be shown become text: of equal counts in the base the first, for its numbers ascend as addresses do.
  private func best(
    _ known: [Tally], _ names: SenderColumn?, _ others: [[UInt8]: Tally], _ limit: Int
  ) throws -> FacetCounts {
    let present = known.indices.filter { known[$0].count > 0 }
    let first = present.sorted { (known[$1].count, $0) < (known[$0].count, $1) }.prefix(limit)
    var candidates = first.map { (address: names?.string(number: $0) ?? [], tally: known[$0]) }
    candidates += others.map { (address: $0.key, tally: $0.value) }
    candidates.sort { left, right in
      left.tally.count == right.tally.count
        ? left.address.lexicographicallyPrecedes(right.address) : left.tally.count > right.tally.count
    }
    let values = try candidates.prefix(limit).map { candidate in
      FacetValue(
        value: String(decoding: candidate.address, as: UTF8.self), name: try displayName(candidate.tally.newest),
        count: candidate.tally.count)
    }
    return FacetCounts(name: .from, values: values, otherCount: present.count + others.count - values.count)
  }

  private func displayName(_ newest: DocumentKey?) throws -> String? {
    guard let newest, let name = try cache.record(newest.docID).from.first?.name else { return nil }
    return name.isEmpty ? nil : name
  }
}
