import Analysis
import Bytes
import Index

/// Scores all hits of a query, word by word: one walk over a word's postings tells in how many mails it is and how much it weighs
/// in each hit.
struct RelevanceScorer {
  private let terms: [RelevanceTerm]
  private let snapshot: UserSnapshot
  private let context: SearchContext
  private let cache: RecordCache
  private let deadline: SearchDeadline
  private let text: UserText
  private(set) var basis: RelevanceBasis

  /// - Parameter basis: of the first page, or of the cursor.
  /// - Throws: `SearchError` for a basis of other words.
  init(
    _ root: BoundNode, _ basis: RelevanceBasis, _ snapshot: UserSnapshot, _ context: SearchContext,
    _ cache: RecordCache, _ deadline: SearchDeadline
  ) throws {
    terms = RelevanceTerm.all(in: root, cache)
    guard basis.frequencies?.count ?? terms.count == terms.count else { throw SearchError.foreignCursor }
    self.basis = basis
    self.snapshot = snapshot
    self.context = context
    self.cache = cache
    self.deadline = deadline
    text = try cache.text()
  }

  mutating func scores(of hits: [SliceHits]) throws -> RelevanceScores {
    var scores = RelevanceScores(hits, terms.isEmpty ? 1 : 0)
    if !terms.isEmpty { basis.frequencies = try addWords(hits, &scores) } else { basis.frequencies = [] }
    try weigh(hits, &scores)
    return scores
  }

  // MARK: Words

  private struct Found {
    /// That hold the word, hits or not.
    var documentCount = 0
    var hits: [(slice: Int, ordinal: Int, weight: Float)] = []
  }

  /// - Returns: of each word, in how many mails it is.
  private func addWords(_ hits: [SliceHits], _ scores: inout RelevanceScores) throws -> [Int] {
    let pending = try hits.first { $0.slice.part == nil }.map { try PendingOccurrences(terms, $0, cache, deadline) }
    let lengths = try hits.map { try $0.slice.part?.lengths() }
    var frequencies: [Int] = []
    for (number, term) in terms.enumerated() {
      let found = try occurrences(of: term, number, hits, pending)
      frequencies.append(basis.frequencies?[number] ?? found.documentCount)
      let importance = RelevanceFormula.inverseDocumentFrequency(
        of: frequencies[number], among: basis.documentCount)
      for hit in found.hits {
        let words = lengths[hit.slice]?.wordCount(at: hit.ordinal) ?? pending?.wordCount(at: hit.ordinal) ?? 0
        scores.add(importance * RelevanceFormula.share(hit.weight, wordCount: words), hit.slice, hit.ordinal)
      }
    }
    return frequencies
  }

  private func occurrences(
    of term: RelevanceTerm, _ number: Int, _ hits: [SliceHits], _ pending: PendingOccurrences?
  ) throws -> Found {
    let scope = SearchScope(text, snapshot.attributes.receivedDates, cache, deadline)
    var walked: [(slice: Slice, hits: Int?)] = []
    scope.forEachSlice { slice in
      walked.append((slice, hits.firstIndex { $0.slice.part === slice.part }))
    }
    var found = Found()
    for (slice, place) in walked {
      try deadline.check()
      if let part = slice.part {
        var walk = try RelevanceWalk(term, slice, part, scope)
        try follow(&walk, slice, place.map { (number: $0, hits: hits[$0]) }, into: &found)
      } else {
        addPending(term, number, place.map { (number: $0, hits: hits[$0]) }, pending, into: &found)
      }
    }
    return found
  }

  /// Documents between two looks at the deadline.
  private static let documentsPerLook = 4_096

  private func follow(
    _ walk: inout RelevanceWalk, _ slice: Slice, _ hits: (number: Int, hits: SliceHits)?, into found: inout Found
  ) throws {
    var searchable = slice.searchable.map { DocIDProbe($0.documents) }
    var steps = 0
    while walk.ordinal != DocumentIterator.end {
      steps += 1
      if steps % Self.documentsPerLook == 0 { try deadline.check() }
      let docID = DocID(rawValue: slice.docIDs[Int(walk.ordinal)])
      if docID <= basis.newest, searchable?.contains(docID) ?? true {
        found.documentCount += 1
        if let hits, hits.hits.contains(Int(walk.ordinal)) {
          found.hits.append((hits.number, Int(walk.ordinal), try walk.weight()))
        }
      }
      try walk.next()
    }
  }

  /// In how many mails a word is that are in no segment is told by their filters, which know terms and not fields; what only
  /// begins so, or is a form, is known of hits alone.
  private func addPending(
    _ term: RelevanceTerm, _ number: Int, _ hits: (number: Int, hits: SliceHits)?, _ pending: PendingOccurrences?,
    into found: inout Found
  ) {
    var documents = DocIDBitmap()
    if let hits, let pending {
      pending.forEachHit(of: number) { ordinal, weight in
        documents.insert(hits.hits.docID(ordinal))
        found.hits.append((hits.number, ordinal, weight))
      }
    }
    for form in term.forms where form.countsOccurrences {
      documents.formUnion(text.pending.candidates(for: termHash(form.word.term)))
    }
    found.documentCount += documents.subtracting(documents.later(than: basis.newest)).count
  }

  // MARK: Beside the words

  private func weigh(_ hits: [SliceHits], _ scores: inout RelevanceScores) throws {
    let correspondents = try Correspondents(snapshot, context, cache, until: basis.newest)
    for (number, hits) in hits.enumerated() {
      try deadline.check()
      let isCorrespondents = try correspondents.senders(of: hits.slice)
      try hits.forEachOrdinal { ordinal in
        var factor = RelevanceFormula.recency(
          of: snapshot.attributes.key(hits.docID(ordinal)).receivedAt, at: context.now)
        if try isCorrespondents(ordinal) { factor *= RelevanceFormula.correspondentFactor }
        scores.multiply(number, ordinal, by: factor)
      }
    }
  }
}
