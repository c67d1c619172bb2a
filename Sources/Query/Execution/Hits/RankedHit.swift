import Bytes
import Index

/// A hit on its way into an order: what can be compared without reading, and what decides where that is equal.
struct RankedHit {
  /// Less comes first: a size, how a text begins, or a score upside down.
  var rank: UInt64
  var document: DocumentKey
  /// The whole text that is sorted by, once it had to be known.
  var text: [UInt8]?
  /// Where the text is the column's: which part, and the text's number there.
  var column: (slice: Int, number: UInt32)?
}

/// Puts hits into an order by anything but date, the newest first. Reads a record only where the beginnings of two texts are equal.
struct HitRanker {
  let sort: SortOrder
  private let attributes: UserAttributes
  private let cache: RecordCache
  private var slices: [SliceHits] = []
  private var senders: [SenderColumn?] = []
  private var subjects: [SubjectColumn?] = []
  private let scores: RelevanceScores?

  /// - Parameter scores: of the hits, for the order by relevance.
  init(_ sort: SortOrder, _ attributes: UserAttributes, _ cache: RecordCache, _ scores: RelevanceScores? = nil) {
    self.sort = sort
    self.scores = scores
    self.attributes = attributes
    self.cache = cache
  }

  /// Hands over all hits.
  mutating func forEachHit(of hits: HitSet, _ body: (RankedHit, inout HitRanker) throws -> Void) throws {
    guard sort == .from || sort == .subject || sort == .relevance else {
      var documents: [DocID] = []
      documents.reserveCapacity(hits.count)
      hits.forEachDocument { documents.append($0) }
      for docID in documents { try body(ranked(docID), &self) }
      return
    }
    slices = try hits.slices()
    senders = try slices.map { try sort == .from ? $0.slice.part?.senders() : nil }
    subjects = try slices.map { try sort == .subject ? $0.slice.part?.subjects() : nil }
    for (index, hits) in slices.enumerated() {
      try hits.forEachOrdinal { ordinal in try body(ranked(hits, index, ordinal), &self) }
    }
  }

  private func ranked(_ docID: DocID) -> RankedHit {
    let document = attributes.key(docID)
    switch sort {
    case .smallestFirst: return RankedHit(rank: attributes.size(docID), document: document)
    case .largestFirst: return RankedHit(rank: ~attributes.size(docID), document: document)
    default: return RankedHit(rank: 0, document: document)
    }
  }

  private func ranked(_ hits: SliceHits, _ slice: Int, _ ordinal: Int) throws -> RankedHit {
    let document = attributes.key(hits.docID(ordinal))
    if let scores { return RankedHit(rank: scores.rank(slice, ordinal), document: document) }
    if let column = senders[slice] {
      let sender = column.sender(at: ordinal)
      return RankedHit(
        rank: column.prefix(of: sender).rawValue, document: document, column: (slice, column.keyNumber(of: sender)))
    }
    if let column = subjects[slice] {
      return RankedHit(rank: column.prefix(at: ordinal).rawValue, document: document)
    }
    let text = try text(of: document.docID)
    return RankedHit(rank: SortPrefix(text).rawValue, document: document, text: text)
  }

  /// The last hit of the page before.
  func ranked(_ key: SortKey) -> RankedHit {
    switch sort {
    case .from, .subject:
      return RankedHit(rank: SortPrefix(key.text).rawValue, document: key.document, text: key.text)
    case .largestFirst: return RankedHit(rank: ~key.number, document: key.document)
    default: return RankedHit(rank: key.number, document: key.document)
    }
  }

  /// What a cursor keeps of the hit.
  mutating func sortKey(of hit: RankedHit) throws -> SortKey {
    var hit = hit
    switch sort {
    case .from, .subject: return SortKey(text: try resolvedText(of: &hit), document: hit.document)
    case .largestFirst: return SortKey(number: ~hit.rank, document: hit.document)
    default: return SortKey(number: hit.rank, document: hit.document)
    }
  }

  /// Whether `left` comes before `right`.
  mutating func precedes(_ left: inout RankedHit, _ right: inout RankedHit) throws -> Bool {
    if left.rank != right.rank { return left.rank < right.rank }
    if sort == .oldestFirst { return left.document < right.document }
    if sort == .from || sort == .subject, !SortPrefix(rawValue: left.rank).isWhole {
      if let own = left.column, let other = right.column, own.slice == other.slice {
        if own.number != other.number { return own.number < other.number }
      } else {
        let (own, other) = (try resolvedText(of: &left), try resolvedText(of: &right))
        if own != other { return own.lexicographicallyPrecedes(other) }
      }
    }
    return left.document > right.document
  }

  private func resolvedText(of hit: inout RankedHit) throws -> [UInt8] {
    if let text = hit.text { return text }
    let text = try text(of: hit)
    hit.text = text
    return text
  }

  private func text(of hit: RankedHit) throws -> [UInt8] {
    if let (slice, number) = hit.column, let column = senders[slice] { return column.string(number: Int(number)) }
    return try text(of: hit.document.docID)
  }

  private func text(of docID: DocID) throws -> [UInt8] {
    let record = try cache.record(docID)
    return sort == .from ? record.senderSortKey : record.subjectSortKey
  }
}
