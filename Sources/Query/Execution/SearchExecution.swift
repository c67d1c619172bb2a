import Bytes
import Index

/// One run of one bound query.
struct SearchExecution {
  let bound: BoundQuery
  private let snapshot: UserSnapshot
  private let context: SearchContext
  private let cache: RecordCache
  private let deadline: SearchDeadline

  init(
    _ bound: BoundQuery, _ snapshot: UserSnapshot, _ context: SearchContext, _ cache: RecordCache,
    _ deadline: SearchDeadline
  ) {
    self.bound = bound
    self.snapshot = snapshot
    self.context = context
    self.cache = cache
    self.deadline = deadline
  }

  struct Page {
    var documents: [DocID] = []
    /// Beside the documents, in the order of relevance.
    var scores: [Double] = []
    /// Of the last of them.
    var last: SortKey?
    var hasMore = false
    /// All hits, exactly; `nil` where it was not asked for.
    var total: Int?
    var facets: [FacetCounts] = []
  }

  /// - Parameter last: the last hit of the page before.
  func page(
    after last: SortKey?, _ sort: SortOrder, limit: Int, wantsTotal: Bool, facets: FacetRequest = .none
  ) throws -> Page {
    if facets.names.isEmpty, sort == .newestFirst {
      return try newestPage(after: last?.document, limit, wantsTotal: wantsTotal)
    }
    if facets.names.isEmpty, sort == .oldestFirst, !wantsTotal || !bound.root.needsText {
      return try oldestPage(after: last?.document, limit, wantsTotal: wantsTotal)
    }
    // The total is known with the rest then.
    let hits = try hitSet()
    var page =
      switch sort {
      case .newestFirst: try newestPage(after: last?.document, limit, wantsTotal: false)
      case .relevance: try relevantPage(of: hits, after: last, limit)
      default: try sortedPage(of: hits, after: last, HitRanker(sort, snapshot.attributes, cache), limit)
      }
    page.total = hits.count
    page.facets = try FacetCounter(hits, snapshot.attributes, context, bound.window, cache, deadline).counts(facets)
    return page
  }

  private func newestPage(after last: DocumentKey?, _ limit: Int, wantsTotal: Bool) throws -> Page {
    try bound.root.needsText ? textPage(after: last, limit, wantsTotal) : filterPage(after: last, limit, wantsTotal)
  }

  /// Stops when the page and one more hit are found; a total goes on from there.
  private func textPage(after last: DocumentKey?, _ limit: Int, _ wantsTotal: Bool) throws -> Page {
    var cursor = try textCursor(last.map { bound.window.intersection(DateWindow(upper: $0)) } ?? bound.window)
    var page = Page(documents: try cursor.documents(limit + 1))
    if page.documents.count > limit {
      page.documents.removeLast()
      page.hasMore = true
    }
    page.last = page.documents.last.map { SortKey(document: snapshot.attributes.key($0)) }
    cache.trace?.notePage()
    if !wantsTotal { return page }
    if last == nil {
      page.total = try page.documents.count + (page.hasMore ? 1 : 0) + cursor.count()
    } else {
      var all = try textCursor(bound.window)
      page.total = try all.count()
    }
    return page
  }

  private func filterPage(after last: DocumentKey?, _ limit: Int, _ wantsTotal: Bool) throws -> Page {
    let documents = documents()
    let window = last.map { bound.window.intersection(DateWindow(upper: $0)) } ?? bound.window
    var cursor = window.cursor(over: documents, snapshot.attributes)
    var page = try Self.page(&cursor, limit)
    if wantsTotal { page.total = try total(of: documents) }
    return page
  }

  private func total(of documents: DocIDBitmap) throws -> Int {
    try bound.window == .always ? documents.count : count(bound.window.cursor(over: documents, snapshot.attributes))
  }

  private static func page(_ cursor: inout some DocumentCursor, _ limit: Int) throws -> Page {
    var page = Page()
    page.documents.reserveCapacity(min(limit, 64))
    var last: DocumentKey?
    while let key = try cursor.next() {
      if page.documents.count == limit {
        page.hasMore = true
        break
      }
      page.documents.append(key.docID)
      last = key
    }
    page.last = last.map { SortKey(document: $0) }
    return page
  }

  private func count(_ cursor: some DocumentCursor) throws -> Int {
    var cursor = cursor
    var count = 0
    while try cursor.next() != nil { count += 1 }
    return count
  }

  // MARK: From the oldest on

  /// Stops when the page and one more hit are found.
  private func oldestPage(after last: DocumentKey?, _ limit: Int, wantsTotal: Bool) throws -> Page {
    let window = last.map { bound.window.intersection(DateWindow(lower: $0.next)) } ?? bound.window
    if bound.root.needsText {
      var cursor = SortedCursor(try oldestHits(in: window, count: limit + 1))
      return try Self.page(&cursor, limit)
    }
    let documents = documents()
    var cursor = window.ascendingCursor(over: documents, snapshot.attributes)
    var page = try Self.page(&cursor, limit)
    if wantsTotal { page.total = try total(of: documents) }
    return page
  }

  /// Postings are walked newest first, so stretches of the order are, from the oldest one on, each four times longer than the
  /// one before, until enough is found.
  private func oldestHits(in window: DateWindow, count: Int) throws -> [DocumentKey] {
    let range = window.range(in: snapshot.attributes)
    var found: [DocumentKey] = []
    var (start, length) = (range.lowerBound, 2_048)
    while start < range.upperBound, found.count < count {
      let end = min(snapshot.attributes.position(start, offsetBy: length), range.upperBound)
      var cursor = try textCursor(DateWindow(lower: key(at: start), upper: key(at: end)).intersection(window))
      var hits: [DocumentKey] = []
      while let hit = try cursor.next() { hits.append(hit) }
      found += hits.reversed()
      (start, length) = (end, length * 4)
    }
    return found
  }

  private func key(at position: DatePosition) -> DocumentKey? {
    var position = position
    return snapshot.attributes.next(&position).map(snapshot.attributes.key)
  }

  // MARK: All hits

  private func hitSet() throws -> HitSet {
    if bound.root.needsText {
      var cursor = try textCursor(bound.window)
      return HitSet(try cursor.hits(), cache)
    }
    let documents = documents()
    if bound.window == .always { return HitSet(documents, cache) }
    var cursor = bound.window.cursor(over: documents, snapshot.attributes)
    var docIDs: [UInt32] = []
    while let key = try cursor.next() { docIDs.append(key.docID.rawValue) }
    return HitSet(DocIDBitmap(unordered: docIDs), cache)
  }

  private func relevantPage(of hits: HitSet, after last: SortKey?, _ limit: Int) throws -> Page {
    var scorer = try RelevanceScorer(bound.root, relevanceBasis(after: last), snapshot, context, cache, deadline)
    let scores = try scorer.scores(of: hits.slices())
    let ranker = HitRanker(.relevance, snapshot.attributes, cache, scores)
    var page = try sortedPage(of: hits, after: last, ranker, limit)
    page.last?.text = scorer.basis.bytes
    return page
  }

  private func relevanceBasis(after last: SortKey?) throws -> RelevanceBasis {
    try last.map { try RelevanceBasis($0.text) } ?? RelevanceBasis(snapshot.attributes.live)
  }

  /// Looks at every hit and keeps the best.
  private func sortedPage(of hits: HitSet, after last: SortKey?, _ ranker: HitRanker, _ limit: Int) throws -> Page {
    var ranker = ranker
    var best = BestHits(limit: limit + 1)
    var last = last.map(ranker.ranked)
    var seen = 0
    try ranker.forEachHit(of: hits) { hit, ranker in
      seen += 1
      if seen % 1_024 == 0 { try deadline.check() }
      var hit = hit
      if last != nil, try !ranker.precedes(&last!, &hit) { return }
      try best.insert(hit, &ranker)
    }
    let found = try best.removeAll(&ranker)
    let shown = found.prefix(limit)
    return Page(
      documents: shown.map(\.document.docID),
      scores: ranker.sort == .relevance ? shown.map { RelevanceScores.score(ofRank: $0.rank) } : [],
      last: try shown.last.map { try ranker.sortKey(of: $0) },
      hasMore: found.count > limit)
  }

  private func documents() -> DocIDBitmap {
    bound.excluded.reduce(bound.root.documents(of: snapshot.attributes.live)) { $0.subtracting($1) }
  }

  private func textCursor(_ window: DateWindow) throws -> TextCursor {
    TextCursor(
      bound.root, window, except: bound.excluded,
      SearchScope(try cache.text(), snapshot.attributes.receivedDates, cache, deadline))
  }
}

extension DocumentKey {
  /// Before every later one.
  fileprivate var next: DocumentKey {
    docID.rawValue == .max
      ? DocumentKey(receivedAt: Timestamp(rawValue: receivedAt.rawValue + 1), docID: DocID(rawValue: 0))
      : DocumentKey(receivedAt: receivedAt, docID: DocID(rawValue: docID.rawValue + 1))
  }
}
