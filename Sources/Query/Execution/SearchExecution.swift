import Bytes
import Index

/// One run of one bound query. Remembers what it verified, so that the total repeats nothing that the page did.
struct SearchExecution {
  private let bound: BoundQuery
  private let attributes: UserAttributes
  private let records: RecordCache
  private let deadline: SearchDeadline
  private let sort: SortOrder
  private var verified = DocIDBitmap()
  private var rejected = DocIDBitmap()
  private var steps = 0

  init(
    bound: BoundQuery, attributes: UserAttributes, records: RecordCache, deadline: SearchDeadline, sort: SortOrder
  ) {
    self.bound = bound
    self.attributes = attributes
    self.records = records
    self.deadline = deadline
    self.sort = sort
  }

  struct Page {
    var keys: [SortKey] = []
    var hasMore = false
  }

  mutating func page(after last: SortKey?, limit: Int) throws -> Page {
    switch sort {
    case .newestFirst: try pageByDate(.newestFirst, after: last, limit: limit)
    case .oldestFirst: try pageByDate(.oldestFirst, after: last, limit: limit)
    default: try pageByKey(after: last, limit: limit)
    }
  }

  /// Stops when the page and one more hit are found.
  private mutating func pageByDate(_ direction: DateDirection, after last: SortKey?, limit: Int) throws -> Page {
    var window = bound.window
    if let last = last?.document {
      window = window.intersection(
        direction == .newestFirst ? DateWindow(upper: last) : DateWindow(lower: last.successor))
    }
    var cursor = window.cursor(over: bound.root.may, attributes, direction)
    var page = Page()
    while let key = cursor.next() {
      guard try matches(key.docID) else { continue }
      if page.keys.count == limit {
        page.hasMore = true
        break
      }
      page.keys.append(SortKey(document: key))
    }
    return page
  }

  /// Looks at every match and keeps the best.
  private mutating func pageByKey(after last: SortKey?, limit: Int) throws -> Page {
    var cursor = bound.window.cursor(over: bound.root.may, attributes, .newestFirst)
    var best: [SortKey] = []
    while let document = cursor.next() {
      guard try matches(document.docID) else { continue }
      let key = try sort.key(of: document, attributes, records)
      if let last, !sort.precedes(last, key) { continue }
      if best.count > limit {
        guard sort.precedes(key, best[limit]) else { continue }
        best.removeLast()
      }
      best.insert(key, at: insertionIndex(of: key, in: best))
    }
    return Page(keys: Array(best.prefix(limit)), hasMore: best.count > limit)
  }

  private func insertionIndex(of key: SortKey, in keys: [SortKey]) -> Int {
    var low = 0
    var high = keys.count
    while low < high {
      let middle = (low + high) / 2
      if sort.precedes(keys[middle], key) { low = middle + 1 } else { high = middle }
    }
    return low
  }

  /// All hits within the window, exactly.
  mutating func total() throws -> Int {
    let (may, must) = (bound.root.may, bound.root.must)
    if bound.window == .always {
      let open = may.subtracting(must)
      for docID in open.subtracting(verified).subtracting(rejected).docIDs { _ = try matches(docID) }
      return must.union(verified).count
    }
    var cursor = bound.window.cursor(over: may, attributes, .newestFirst)
    var count = 0
    while let key = cursor.next() {
      if try matches(key.docID) { count += 1 }
    }
    return count
  }

  private mutating func matches(_ docID: DocID) throws -> Bool {
    steps += 1
    if bound.root.must.contains(docID) || verified.contains(docID) {
      if steps % 1_024 == 0 { try deadline.check() }
      return true
    }
    if rejected.contains(docID) { return false }
    // One record is a read and some ten microseconds of analysis.
    if records.readCount % 16 == 0 { try deadline.check() }
    let isMatch = try bound.root.matches(docID, records)
    if isMatch { verified.insert(docID) } else { rejected.insert(docID) }
    return isMatch
  }
}

extension DocumentKey {
  /// The least key above this one.
  fileprivate var successor: DocumentKey {
    docID.rawValue < UInt32.max
      ? DocumentKey(receivedAt: receivedAt, docID: DocID(rawValue: docID.rawValue + 1))
      : DocumentKey(receivedAt: Timestamp(rawValue: receivedAt.rawValue + 1), docID: DocID(rawValue: 0))
  }
}
