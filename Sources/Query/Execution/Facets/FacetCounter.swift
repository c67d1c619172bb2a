import Bytes
import Index

/// Counts the values of all hits of a query. Folders, labels, months and sizes come from what is in memory; senders and kinds
/// from the columns of segments, and from the records of documents that are in none.
struct FacetCounter {
  private static let hitsPerLook = 4_096

  private let hits: HitSet
  private let attributes: UserAttributes
  private let context: SearchContext
  private let window: DateWindow
  private let cache: RecordCache
  private let deadline: SearchDeadline

  /// - Parameter window: holds all hits.
  init(
    _ hits: HitSet, _ attributes: UserAttributes, _ context: SearchContext, _ window: DateWindow, _ cache: RecordCache,
    _ deadline: SearchDeadline
  ) {
    self.hits = hits
    self.attributes = attributes
    self.context = context
    self.window = window
    self.cache = cache
    self.deadline = deadline
  }

  func counts(_ request: FacetRequest) throws -> [FacetCounts] {
    try request.names.map { name in
      try deadline.check()
      switch name {
      case .from: return try SenderCounter(hits, attributes, cache).counts(limit: request.limit)
      case .folder: return FacetCounts(name, folders(), limit: request.limit)
      case .month: return FacetCounts(name, try months(), limit: request.limit)
      case .label: return FacetCounts(name, labels(), limit: request.limit)
      case .type: return FacetCounts(name, try kinds(), limit: request.limit)
      case .size: return FacetCounts(name, try sizes(), limit: request.limit)
      }
    }
  }

  private func folders() -> [FacetValue] {
    context.folders.map { folder in
      FacetValue(
        value: folder.publicID, name: folder.name,
        count: hits.documents.intersection(attributes.folder(folder.id)).count)
    }
  }

  /// As `label:` does not regard case, those that differ in it are one.
  private func labels() -> [FacetValue] {
    Dictionary(grouping: attributes.labelNames) { $0.lowercased() }.values.map { names in
      let labelled = names.reduce(DocIDBitmap()) { $0.union(attributes.label($1)) }
      return FacetValue(value: names[0], count: hits.documents.intersection(labelled).count)
    }
  }

  private func forEachHit(_ body: (DocID) -> Void) throws {
    var seen = 0
    try hits.forEachDocument { docID in
      seen += 1
      if seen % Self.hitsPerLook == 0 { try deadline.check() }
      body(docID)
    }
  }

  private func sizes() throws -> [FacetValue] {
    var counts = [Int](repeating: 0, count: SizeBucket.allCases.count)
    try forEachHit { counts[SizeBucket(attributes.size($0)).index] += 1 }
    return SizeBucket.allCases.map { FacetValue(value: $0.rawValue, count: counts[$0.index]) }
  }

  private func kinds() throws -> [FacetValue] {
    var counts = [Int](repeating: 0, count: FileKind.allCases.count)
    func add(_ kinds: FileKinds, _ count: Int) {
      for kind in FileKind.allCases where kinds.contains(FileKinds(kind)) { counts[Int(kind.rawValue)] += count }
    }
    for hits in try hits.slices() {
      guard let part = hits.slice.part else {
        try hits.forEachOrdinal { add(try cache.record(hits.docID($0)).kinds, 1) }
        continue
      }
      let column = try part.kinds()
      // Nearly all parts of nearly all mailboxes have more than one mask, but those without a file need no walk.
      if column.masks == [[]] { continue }
      var ofMask = [Int](repeating: 0, count: column.masks.count)
      hits.forEachOrdinal { ofMask[column.number(at: $0)] += 1 }
      for (mask, count) in zip(column.masks, ofMask) { add(mask, count) }
    }
    return FileKind.allCases.map { FacetValue(value: $0.name, count: counts[Int($0.rawValue)]) }
  }

  // MARK: Months

  private func months() throws -> [FacetValue] {
    let range = window.range(in: attributes)
    let counts = hits.count == attributes.count(in: range) ? months(in: range) : try monthsOfHits()
    return counts.map { FacetValue(value: MonthFinder.name(of: $0.key), count: $0.value) }
  }

  private func monthsOfHits() throws -> [MonthFinder.Month: Int] {
    var finder = MonthFinder(context.startOfDay)
    var counts: [MonthFinder.Month: Int] = [:]
    var (month, count): (MonthFinder.Month?, Int) = (nil, 0)
    try forEachHit { docID in
      let own = finder.month(of: attributes.receivedAt(docID))?.month
      if own == month {
        count += 1
      } else {
        if let month { counts[month, default: 0] += count }
        (month, count) = (own, 1)
      }
    }
    if let month { counts[month, default: 0] += count }
    return counts
  }

  /// Where every document of a part of the order is a hit, from where the months begin in it.
  private func months(in range: Range<DatePosition>) -> [MonthFinder.Month: Int] {
    var finder = MonthFinder(context.startOfDay)
    var counts: [MonthFinder.Month: Int] = [:]
    var end = range.upperBound
    while end > range.lowerBound {
      var before = end
      guard let newest = attributes.previous(&before) else { break }
      guard let (month, moment) = finder.month(of: attributes.receivedAt(newest)) else {
        end = before
        continue
      }
      let start = attributes.position(of: DocumentKey(receivedAt: moment, docID: DocID(rawValue: 0)))
      counts[month] = attributes.count(in: max(start, range.lowerBound)..<end)
      end = max(start, range.lowerBound)
    }
    return counts
  }
}

extension SizeBucket {
  fileprivate var index: Int {
    switch self {
    case .upTo10K: 0
    case .upTo100K: 1
    case .upTo1M: 2
    case .upTo10M: 3
    case .beyond: 4
    }
  }
}
