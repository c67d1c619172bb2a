import Analysis
import Bytes

/// Turns text records of one user into postings, in memory. Documents come in the order of their ordinals.
struct Inverter {
  /// Stands in a part for a record's Message-ID, with this in front: no term of a text begins with a NUL.
  static func messageIDTerm(_ messageID: String) -> [UInt8] { [0] + Array(messageID.utf8) }
  /// The field mask of such a term; `RecordField` has no such field.
  static let messageIDMask: UInt16 = 1 << 15

  /// Occurrences of one document that are noted; of more, only the first of each word in each field.
  private static let documentLimit = 1 << 20

  private let analyzers: AnalyzerSet
  private var terms = TermTable()
  /// One for each occurrence of a term.
  private var occurrenceTerms: [UInt32] = []
  private var occurrenceOrdinals: [UInt32] = []
  private var occurrencePlaces: [Place] = []
  private var counts: [UInt32] = []
  /// For each term the document and field that held it last, and how often that did so far.
  private var lastHolders: [UInt64] = []
  private var countsInField: [UInt32] = []
  /// Where the occurrences of the document at hand begin.
  private var documentStart = 0
  private(set) var documentCount = 0
  /// The ordinals of documents of which not all positions are kept, ascending.
  private(set) var truncated: [UInt32] = []
  private(set) var columns = ColumnBuilder()

  /// A field and a position in it.
  private struct Place {
    private let bits: UInt32

    /// No text that a record may hold has positions beyond 28 bits.
    init(_ field: UInt8, _ position: Int) { bits = UInt32(field) << 28 | UInt32(min(position, 1 << 28 - 1)) }

    var field: UInt8 { UInt8(bits >> 28) }
    var position: UInt32 { bits & (1 << 28 - 1) }
  }

  init(_ analyzers: AnalyzerSet) { self.analyzers = analyzers }

  /// Adds the next document.
  mutating func add(_ record: ExtractedTextRecord) {
    let ordinal = UInt32(documentCount)
    documentCount += 1
    documentStart = occurrenceTerms.count
    var wordCount = 0
    for field in RecordField.allCases {
      let analyzer = analyzers[field.analyzer]
      var start = 0
      record.forEachValue(of: field) { value in
        var value = value
        value.makeContiguousUTF8()
        var last = -1
        analyzer.forEachToken(in: value.utf8.span) { term, token in
          last = max(last, token.position)
          add(term, ordinal, Place(field.rawValue, start + token.position))
        }
        wordCount += last + 1
        if last >= 0 { start = PostingPositions.start(after: start + last) }
      }
    }
    columns.append(record, wordCount: wordCount)
    if let messageID = record.messageID {
      add(Self.messageIDTerm(messageID).span, ordinal, Place(UInt8(Self.messageIDMask.trailingZeroBitCount), 0))
    }
  }

  private mutating func add(_ term: Span<UInt8>, _ ordinal: UInt32, _ place: Place) {
    let id = terms.insert(term)
    let holder = UInt64(ordinal) << 4 | UInt64(place.field)
    if id == counts.count {
      counts.append(0)
      lastHolders.append(holder)
      countsInField.append(0)
    } else if lastHolders[id] != holder {
      lastHolders[id] = holder
      countsInField[id] = 0
    }
    // A text of one word a million times must not cost the memory of a million words. That a field holds a word is always
    // noted.
    let isLong = occurrenceTerms.count - documentStart >= Self.documentLimit
    guard countsInField[id] < (isLong ? 1 : UInt32(PostingPositions.limit)) else {
      if truncated.last != ordinal { truncated.append(ordinal) }
      return
    }
    countsInField[id] += 1
    counts[id] += 1
    occurrenceTerms.append(UInt32(id))
    occurrenceOrdinals.append(ordinal)
    occurrencePlaces.append(place)
  }

  /// Writes all terms, ascending by bytes, to the part that the writer has begun.
  func write(to writer: inout SegmentWriter) throws(FileError) {
    let (starts, order) = occurrencesByTerm()
    var postings = TermPostings()
    for id in terms.sortedIDs() {
      postings.removeAll()
      for index in order[starts[id]..<starts[id] + Int(counts[id])] {
        let place = occurrencePlaces[Int(index)]
        postings.append(occurrenceOrdinals[Int(index)], field: place.field, position: place.position)
      }
      try writer.append(terms[id], postings)
    }
  }

  /// The occurrences of each term one after another, in the order in which they came.
  private func occurrencesByTerm() -> (starts: [Int], order: [UInt32]) {
    var starts: [Int] = []
    starts.reserveCapacity(counts.count)
    var total = 0
    for count in counts {
      starts.append(total)
      total += Int(count)
    }
    var places = starts
    var order = [UInt32](repeating: 0, count: total)
    for (index, term) in occurrenceTerms.enumerated() {
      order[places[Int(term)]] = UInt32(index)
      places[Int(term)] += 1
    }
    return (starts, order)
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
