import Index

/// Makes one iterator of many words. Short lists are gathered at once: an iterator for each would cost more than its documents.
struct WordGatherer {
  /// Words of more than a block that have an iterator of their own; those beyond are gathered too.
  private static let longListLimit = 256

  private let part: SegmentPart
  private let fields: RecordFields
  private let scope: SearchScope
  private let positionedLimit: Int
  private var gathered: GatheredPostings
  /// Of words that are not gathered.
  private var iterators: [DocumentIterator] = []
  private var entries: [TermEntry] = []
  /// Whether the iterator will have positions.
  private(set) var havePositions: Bool

  /// - Parameter positionedLimit: up to so many words each has an iterator with positions; for more of them, and with 0 for
  ///   any, only their documents are known.
  init(_ part: SegmentPart, _ fields: RecordFields, _ scope: SearchScope, positionedLimit: Int = 0) {
    self.part = part
    self.fields = fields
    self.scope = scope
    self.positionedLimit = positionedLimit
    gathered = GatheredPostings(part, fields)
    havePositions = positionedLimit > 0
  }

  mutating func add(_ entry: TermEntry) throws {
    if havePositions {
      entries.append(entry)
      if entries.count <= positionedLimit, scope.takeIterator() { return try addIterator(entry) }
      havePositions = false
      iterators = []
      for entry in entries { try gather(entry) }
      entries = []
    } else {
      try gather(entry)
    }
  }

  private mutating func gather(_ entry: TermEntry) throws {
    if try gathered.add(entry) { return }
    if iterators.count < Self.longListLimit, scope.takeIterator() { return try addIterator(entry) }
    try scope.deadline.check()
    try gathered.addAll(entry)
  }

  private mutating func addIterator(_ entry: TermEntry) throws {
    iterators.append(try TermIterator(part, entry, in: fields))
  }

  func iterator() -> DocumentIterator {
    var iterators = iterators
    if let few = gathered.few { iterators.append(ListIterator(few)) }
    if let many = gathered.many { iterators.append(BitsetIterator(many)) }
    return iterators.count == 1 ? iterators[0] : UnionIterator(iterators)
  }
}
