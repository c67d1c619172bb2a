import Bytes
import Index

/// Walks the hits of a query over all slices of a mailbox, newest first. Nothing is read of a slice whose newest document left
/// is older than what is asked for: a search for the newest hits of a mailbox reads the newest slices.
struct TextCursor: DocumentCursor {
  private var slices: [SliceCursor]

  init(_ root: BoundNode, _ window: DateWindow, except excluded: [DocIDBitmap], _ scope: SearchScope) {
    slices = []
    slices.reserveCapacity(scope.text.records.parts.count + 1)
    scope.forEachSlice { slice in
      let range = window.ordinals(of: slice, scope.dates)
      // Where nothing in the range can be answered there is nothing to walk.
      if let first = slice.firstSearchable(from: Int(range.lowerBound), below: Int(range.upperBound)) {
        slices.append(
          SliceCursor(
            root, SliceBinder(slice: slice, scope: scope), from: first, below: range.upperBound, except: excluded))
      }
    }
  }

  mutating func next() throws -> DocumentKey? {
    // A mailbox at rest is one part of a segment.
    if slices.count == 1 { return try slices[0].next() }
    while true {
      guard var best = slices.indices.first else { return nil }
      for index in slices.indices.dropFirst() where slices[index].bound > slices[best].bound { best = index }
      if let hit = slices[best].takeHit() { return hit }
      if try !slices[best].findNext() { slices.remove(at: best) }
    }
  }

  /// The next hits, as many as there are and `limit` at most, without their dates: the order of a slice is that of its documents.
  mutating func documents(_ limit: Int) throws -> [DocID] {
    var documents: [DocID] = []
    documents.reserveCapacity(min(limit, 64))
    if slices.count == 1 {
      try slices[0].append(to: &documents, limit)
    } else {
      while documents.count < limit, let key = try next() { documents.append(key.docID) }
    }
    return documents
  }

  /// All hits that are left, by slice; those without any left out.
  mutating func hits() throws -> [SliceHits] {
    var all: [SliceHits] = []
    for index in slices.indices { all.append(try slices[index].hits()) }
    slices = []
    return all.filter { $0.count > 0 }
  }

  /// How many hits are left.
  mutating func count() throws -> Int {
    var count = 0
    for index in slices.indices { count += try slices[index].count() }
    slices = []
    return count
  }
}

/// The hits of one slice.
private struct SliceCursor {
  private static let stepsPerLook = 1_024

  private let root: BoundNode
  private let binder: SliceBinder
  private let hasFilters: Bool
  /// Whether every document of the slice that matches is a hit.
  private let coversSlice: Bool
  private var searchable: DocIDProbe?
  private var excluded: [DocIDProbe]
  private let end: UInt32
  private var target: UInt32
  private var iterator: DocumentIterator?
  private var steps = 0
  /// Hits that were found so far.
  private var found = 0
  private var hit: DocumentKey?
  /// No hit that is left is after it in time.
  private(set) var bound: DocumentKey

  /// - Parameter first: the first ordinal that can be answered.
  init(_ root: BoundNode, _ binder: SliceBinder, from first: Int, below end: UInt32, except excluded: [DocIDBitmap]) {
    self.root = root
    self.binder = binder
    hasFilters = binder.slice.searchable != nil || !excluded.isEmpty
    searchable = binder.slice.searchable.map { DocIDProbe($0.documents) }
    self.excluded = excluded.isEmpty ? [] : excluded.map(DocIDProbe.init)
    self.end = end
    coversSlice = !hasFilters && first == 0 && Int(end) == binder.slice.docIDs.count
    target = UInt32(first)
    bound = binder.scope.dates.key(DocID(rawValue: binder.slice.docIDs[first]))
  }

  mutating func takeHit() -> DocumentKey? {
    defer { hit = nil }
    return hit
  }

  mutating func next() throws -> DocumentKey? {
    if hit != nil { return takeHit() }
    guard let docID = try nextDocument() else { return nil }
    return binder.scope.dates.key(docID)
  }

  /// The next hits, until there are `limit`. Before `findNext` was asked.
  mutating func append(to documents: inout [DocID], _ limit: Int) throws {
    let iterator = try openIterator()
    guard !hasFilters, iterator.isExact else {
      while documents.count < limit, let docID = try nextDocument() { documents.append(docID) }
      return
    }
    // What stops only at hits, and every page of one word is such: each step counts, and a reference counted is half of one.
    let docIDs = binder.slice.docIDs
    var target = target
    let start = documents.count
    defer {
      self.target = target
      found += documents.count - start
    }
    while documents.count < limit {
      try iterator.advance(to: target)
      guard iterator.ordinal < end else { return }
      target = iterator.ordinal + 1
      documents.append(DocID(rawValue: docIDs[Int(iterator.ordinal)]))
    }
  }

  /// - Returns: false where no hit is left.
  mutating func findNext() throws -> Bool {
    guard let docID = try nextDocument() else { return false }
    bound = binder.scope.dates.key(docID)
    hit = bound
    return true
  }

  /// Before the first was taken.
  mutating func hits() throws -> SliceHits {
    var hits = SliceHits(binder.slice)
    while try nextDocument() != nil { hits.insert(Int(target) - 1) }
    return hits
  }

  mutating func count() throws -> Int {
    let count = takeHit() == nil ? 0 : 1
    if coversSlice, let total = try openIterator().total() { return count + total - found }
    if !hasFilters {
      let iterator = try openIterator()
      try iterator.advance(to: target)
      if let rest = try iterator.quickCount(below: end) { return count + rest }
    }
    if try openIterator().asksRecords { return try count + countByDocument() }
    return try count + countByWindows()
  }

  /// In two steps, as a page is found: records only of documents that are searchable and that all else lets through.
  private mutating func countByDocument() throws -> Int {
    var count = 0
    while try nextDocument() != nil { count += 1 }
    return count
  }

  private mutating func countByWindows() throws -> Int {
    let iterator = try openIterator()
    try iterator.advance(to: target)
    var window = OrdinalWindow()
    var count = 0
    while iterator.ordinal < end {
      try binder.scope.deadline.check()
      window.reset(from: iterator.ordinal, below: end, of: binder.slice.docIDs.count)
      try iterator.fill(&window)
      if hasFilters { window.filter { isSearchable(DocID(rawValue: binder.slice.docIDs[Int($0)])) } }
      count += window.count
    }
    return count
  }

  private mutating func nextDocument() throws -> DocID? {
    let iterator = try openIterator()
    while true {
      try iterator.advance(to: target)
      guard iterator.ordinal < end else { return nil }
      target = iterator.ordinal + 1
      steps += 1
      if steps % Self.stepsPerLook == 0 { try binder.scope.deadline.check() }
      let docID = DocID(rawValue: binder.slice.docIDs[Int(iterator.ordinal)])
      if !hasFilters || isSearchable(docID), try iterator.isExact || iterator.matches() {
        found += 1
        return docID
      }
    }
  }

  /// Not inlined: the optimizer would make sure, at every hit, that the filters are nobody else's, where there are none.
  @inline(never)
  private mutating func isSearchable(_ docID: DocID) -> Bool {
    if let isLive = searchable?.contains(docID), !isLive { return false }
    for index in excluded.indices where excluded[index].contains(docID) { return false }
    return true
  }

  private mutating func openIterator() throws -> DocumentIterator {
    if let iterator { return iterator }
    let opened = try binder.iterator(root)
    iterator = opened
    binder.scope.trace?.noteOpened(opened, over: binder.slice)
    return opened
  }
}
