import Analysis
import Bytes

/// Turns text records of one user into postings, in memory. Documents come in the order of their ordinals.
struct Inverter {
  /// Stands in a part for a record's Message-ID, with this in front: no term of a text begins with a NUL.
  static func messageIDTerm(_ messageID: String) -> [UInt8] { [messageIDPrefix] + Array(messageID.utf8) }
  static let messageIDPrefix: UInt8 = 0
  /// The field mask of such a term; `RecordField` has no such field.
  static let messageIDMask: UInt16 = 1 << 15

  /// Occurrences of one document that are noted; of more, only the first of each word in each field.
  static let documentLimit = 1 << 20

  private let analyzers: AnalyzerSet
  private var terms = InvertedTerms()
  /// One for each occurrence of a term.
  private var occurrenceTerms: [UInt32] = []
  private var occurrences: [Occurrence] = []
  /// Where the occurrences of the document at hand begin.
  private var documentStart = 0
  private(set) var documentCount = 0
  /// The ordinals of documents of which not all positions are kept, ascending.
  private(set) var truncated: [UInt32] = []
  private(set) var columns = ColumnBuilder()

  /// A document, a field and a position in it.
  private struct Occurrence {
    let ordinal: UInt32
    private let place: UInt32

    /// No text that a record may hold has positions beyond 28 bits.
    init(_ ordinal: UInt32, _ field: UInt8, _ position: Int) {
      self.ordinal = ordinal
      place = UInt32(field) << 28 | UInt32(min(position, 1 << 28 - 1))
    }

    var field: UInt8 { UInt8(truncatingIfNeeded: place >> 28) }
    var position: UInt32 { place & (1 << 28 - 1) }
  }

  init(_ analyzers: AnalyzerSet) { self.analyzers = analyzers }

  /// Adds the next document.
  mutating func add(_ record: ExtractedTextRecord) {
    let ordinal = UInt32(documentCount)
    documentCount += 1
    documentStart = occurrences.count
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
          add(term, Occurrence(ordinal, field.rawValue, start + token.position))
        }
        wordCount += last + 1
        if last >= 0 { start = PostingPositions.start(after: start + last) }
      }
    }
    columns.append(record, wordCount: wordCount)
    if let messageID = record.messageID {
      let field = UInt8(Self.messageIDMask.trailingZeroBitCount)
      add(Self.messageIDTerm(messageID).span, Occurrence(ordinal, field, 0))
    }
  }

  private mutating func add(_ term: Span<UInt8>, _ occurrence: Occurrence) {
    // A text of one word a million times must not cost the memory of a million words. That a field holds a word is always
    // noted.
    let isLong = occurrences.count - documentStart >= Self.documentLimit
    let id = terms.note(
      term, in: UInt64(occurrence.ordinal) << 4 | UInt64(occurrence.field),
      limit: isLong ? 1 : UInt32(PostingPositions.limit))
    guard let id else {
      if truncated.last != occurrence.ordinal { truncated.append(occurrence.ordinal) }
      return
    }
    occurrenceTerms.append(id)
    occurrences.append(occurrence)
  }

  /// Writes all terms, ascending by bytes, to the part that the writer has begun.
  func write(to writer: inout SegmentWriter) throws(FileError) {
    let (starts, sorted) = occurrencesByTerm()
    var postings = TermPostings()
    for id in terms.sortedIDs() {
      postings.removeAll()
      Self.gather(sorted.span.extracting(starts[id]..<starts[id] + terms.count(id)), into: &postings)
      try writer.append(terms[id], postings)
    }
  }

  private static func gather(_ occurrences: Span<Occurrence>, into postings: inout TermPostings) {
    for index in occurrences.indices {
      let occurrence = occurrences[index]
      postings.append(occurrence.ordinal, field: occurrence.field, position: occurrence.position)
    }
  }

  /// The occurrences of each term one after another, in the order in which they came.
  private func occurrencesByTerm() -> (starts: [Int], sorted: [Occurrence]) {
    var starts: [Int] = []
    starts.reserveCapacity(terms.count)
    var total = 0
    for id in 0..<terms.count {
      starts.append(total)
      total += terms.count(id)
    }
    var sorted = [Occurrence](repeating: Occurrence(0, 0, 0), count: total)
    Self.scatter(occurrences.span, by: occurrenceTerms.span, from: starts, to: &sorted)
    return (starts, sorted)
  }

  private static func scatter(
    _ occurrences: Span<Occurrence>, by terms: Span<UInt32>, from starts: [Int], to sorted: inout [Occurrence]
  ) {
    var sorted = sorted.mutableSpan
    var places = starts
    var next = places.mutableSpan
    for index in occurrences.indices {
      let term = Int(terms[index])
      sorted[next[term]] = occurrences[index]
      next[term] += 1
    }
  }
}
