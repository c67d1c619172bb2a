import Bytes
import Index

/// One run of one bound query.
struct SearchExecution {
  private let bound: BoundQuery
  private let snapshot: UserSnapshot
  private let cache: RecordCache
  private let deadline: SearchDeadline

  init(_ bound: BoundQuery, _ snapshot: UserSnapshot, _ cache: RecordCache, _ deadline: SearchDeadline) {
    self.bound = bound
    self.snapshot = snapshot
    self.cache = cache
    self.deadline = deadline
  }

  struct Page {
    var keys: [SortKey] = []
    var hasMore = false
    /// All hits, exactly; `nil` where it was not asked for.
    var total: Int?
  }

  /// - Parameter last: the last hit of the page before.
  func page(after last: SortKey?, _ sort: SortOrder, limit: Int, wantsTotal: Bool) throws -> Page {
    guard sort == .newestFirst else { return try sortedPage(after: last, sort, limit: limit) }
    guard bound.root.needsText else { return try filterPage(after: last?.document, limit, wantsTotal) }
    return try textPage(after: last?.document, limit, wantsTotal)
  }

  /// Stops when the page and one more hit are found; a total goes on from there.
  private func textPage(after last: DocumentKey?, _ limit: Int, _ wantsTotal: Bool) throws -> Page {
    var cursor = try textCursor(last.map { bound.window.intersection(DateWindow(upper: $0)) } ?? bound.window)
    var page = try Self.page(&cursor, limit)
    cache.trace?.notePage()
    if !wantsTotal { return page }
    if last == nil {
      page.total = try page.keys.count + (page.hasMore ? 1 : 0) + cursor.count()
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
    if wantsTotal {
      page.total =
        try bound.window == .always ? documents.count : count(bound.window.cursor(over: documents, snapshot.attributes))
    }
    return page
  }

  private static func page(_ cursor: inout some DocumentCursor, _ limit: Int) throws -> Page {
    var page = Page()
    page.keys.reserveCapacity(min(limit, 64))
    while let key = try cursor.next() {
      if page.keys.count == limit {
        page.hasMore = true
        break
      }
      page.keys.append(SortKey(document: key))
    }
    return page
  }

  private func count(_ cursor: some DocumentCursor) throws -> Int {
    var cursor = cursor
    var count = 0
    while try cursor.next() != nil { count += 1 }
    return count
  }

  /// Looks at every hit and keeps the best.
  private func sortedPage(after last: SortKey?, _ sort: SortOrder, limit: Int) throws -> Page {
    var cursor: any DocumentCursor =
      try bound.root.needsText
      ? textCursor(bound.window) : bound.window.cursor(over: documents(), snapshot.attributes)
    var best: [SortKey] = []
    var total = 0
    while let document = try cursor.next() {
      total += 1
      if total % 1_024 == 0 { try deadline.check() }
      let key = try sort.key(of: document, snapshot.attributes, cache)
      if let last, !sort.precedes(last, key) { continue }
      if best.count > limit {
        guard sort.precedes(key, best[limit]) else { continue }
        best.removeLast()
      }
      best.insert(key, at: sort.insertionIndex(of: key, in: best))
    }
    return Page(keys: Array(best.prefix(limit)), hasMore: best.count > limit, total: total)
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

extension SortOrder {
  fileprivate func insertionIndex(of key: SortKey, in keys: [SortKey]) -> Int {
    var low = 0
    var high = keys.count
    while low < high {
      let middle = (low + high) / 2
      if precedes(keys[middle], key) { low = middle + 1 } else { high = middle }
    }
    return low
  }
}
