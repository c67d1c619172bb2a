import Analysis
import Bytes

/// Turns text records of one user into postings, in memory. Documents come in the order of their ordinals.
struct Inverter {
  /// Stands in a part for a record's Message-ID, with this in front: no term of a text begins with a NUL.
  static func messageIDTerm(_ messageID: String) -> [UInt8] { [0] + Array(messageID.utf8) }
  /// The field mask of such a term; `RecordField` has no such field.
  static let messageIDMask: UInt16 = 1 << 15

  private let analyzers: AnalyzerSet
  private var terms = TermTable()
  /// One for each document and term: what was added last for a term is `last[term]`.
  private var entryTerms: [UInt32] = []
  private var entryOrdinals: [UInt32] = []
  private var entryMasks: [UInt16] = []
  private var last: [Int32] = []
  private var counts: [UInt32] = []
  private(set) var documentCount = 0

  init(_ analyzers: AnalyzerSet) { self.analyzers = analyzers }

  /// Postings so far: what memory grows with, some 30 bytes for each.
  var postingCount: Int { entryTerms.count }

  /// Adds the next document.
  mutating func add(_ record: ExtractedTextRecord) {
    let ordinal = UInt32(documentCount)
    documentCount += 1
    for field in RecordField.allCases {
      let mask = RecordFields(field).rawValue
      let analyzer = analyzers[field.analyzer]
      record.forEachValue(of: field) { value in
        var value = value
        value.makeContiguousUTF8()
        analyzer.forEachToken(in: value.utf8.span) { term, _ in add(term, ordinal, mask) }
      }
    }
    if let messageID = record.messageID { add(Self.messageIDTerm(messageID).span, ordinal, Self.messageIDMask) }
  }

  private mutating func add(_ term: Span<UInt8>, _ ordinal: UInt32, _ mask: UInt16) {
    let id = terms.insert(term)
    if id == last.count {
      last.append(-1)
      counts.append(0)
    }
    let entry = Int(last[id])
    if entry >= 0, entryOrdinals[entry] == ordinal {
      entryMasks[entry] |= mask
      return
    }
    last[id] = Int32(entryTerms.count)
    counts[id] += 1
    entryTerms.append(UInt32(id))
    entryOrdinals.append(ordinal)
    entryMasks.append(mask)
  }

  /// Writes all terms, ascending by bytes, to the part that the writer has begun.
  func write(to writer: inout SegmentWriter) throws(FileError) {
    var starts: [Int] = []
    starts.reserveCapacity(counts.count)
    var total = 0
    for count in counts {
      starts.append(total)
      total += Int(count)
    }
    var places = starts
    var ordinals = [UInt32](repeating: 0, count: total)
    var masks = [UInt16](repeating: 0, count: total)
    for entry in entryTerms.indices {
      let term = Int(entryTerms[entry])
      ordinals[places[term]] = entryOrdinals[entry]
      masks[places[term]] = entryMasks[entry]
      places[term] += 1
    }
    for id in terms.sortedIDs() {
      let range = starts[id]..<starts[id] + Int(counts[id])
      try writer.append(terms[id], Array(ordinals[range]), Array(masks[range]))
    }
  }
}

/// Terms, each with a number: open addressing over `termHash`.
private struct TermTable {
  /// Numbers plus one, 0 where nothing is.
  private var slots = [UInt32](repeating: 0, count: 1 << 12)
  private var hashes: [UInt32] = []
  private var bytes: [UInt8] = []
  private var ends: [Int] = []

  subscript(id: Int) -> [UInt8] { Array(bytes[start(id)..<ends[id]]) }

  private func start(_ id: Int) -> Int { id == 0 ? 0 : ends[id - 1] }

  /// - Returns: the term's number, the next free one where it is new.
  mutating func insert(_ term: Span<UInt8>) -> Int {
    let hash = termHash(term)
    var slot = Int(hash) & (slots.count - 1)
    while slots[slot] != 0 {
      let id = Int(slots[slot]) - 1
      if hashes[id] == hash, isEqual(id, term) { return id }
      slot = (slot + 1) & (slots.count - 1)
    }
    slots[slot] = UInt32(hashes.count + 1)
    hashes.append(hash)
    for index in term.indices { bytes.append(term[index]) }
    ends.append(bytes.count)
    if hashes.count * 2 > slots.count { grow() }
    return hashes.count - 1
  }

  private func isEqual(_ id: Int, _ term: Span<UInt8>) -> Bool {
    let start = start(id)
    guard ends[id] - start == term.count else { return false }
    for index in term.indices where bytes[start + index] != term[index] { return false }
    return true
  }

  private mutating func grow() {
    slots = [UInt32](repeating: 0, count: slots.count * 4)
    for (id, hash) in hashes.enumerated() {
      var slot = Int(hash) & (slots.count - 1)
      while slots[slot] != 0 { slot = (slot + 1) & (slots.count - 1) }
      slots[slot] = UInt32(id + 1)
    }
  }

  /// Ascending by the terms' bytes.
  func sortedIDs() -> [Int] {
    // Eight bytes decide nearly always.
    let keyed = ends.indices.map { id in (key: key(id), id: id) }
    return keyed.sorted { left, right in
      left.key == right.key ? precedes(left.id, right.id) : left.key < right.key
    }.map(\.id)
  }

  private func key(_ id: Int) -> UInt64 {
    let start = start(id)
    var key: UInt64 = 0
    for offset in 0..<8 { key = key << 8 | (start + offset < ends[id] ? UInt64(bytes[start + offset]) : 0) }
    return key
  }

  private func precedes(_ left: Int, _ right: Int) -> Bool {
    bytes[start(left)..<ends[left]].lexicographicallyPrecedes(bytes[start(right)..<ends[right]])
  }
}
