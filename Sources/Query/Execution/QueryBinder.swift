import Analysis
import Bytes
import Index

/// A query bound to one snapshot: what may and must match, and the part of the time line it asks for.
struct BoundQuery {
  let root: PlanNode
  let window: DateWindow
  let warnings: [QueryWarning]
}

/// Gives a query's leaves their meaning for one user: folders, labels, dates, sizes and ids become sets of documents,
/// words become patterns with the documents that their term filters let through.
struct QueryBinder {
  private let attributes: UserAttributes
  private let context: SearchContext
  private let analyzers: AnalyzerSet
  private let cache: RecordCache
  private let deadline: SearchDeadline
  private var warnings: [QueryWarning] = []
  private var termCount = 0
  private var text: TextSource?

  init(
    _ attributes: UserAttributes, _ context: SearchContext, _ analyzers: AnalyzerSet, _ cache: RecordCache,
    _ deadline: SearchDeadline
  ) {
    self.attributes = attributes
    self.context = context
    self.analyzers = analyzers
    self.cache = cache
    self.deadline = deadline
  }

  /// - Throws: `QueryError` for more words than a query may have; `SearchError` past the deadline; `IndexError` and
  ///   `FileError` of the term filters.
  mutating func bind(_ whole: QueryNode) throws -> BoundQuery {
    guard let query = try pruned(whole) else {
      return BoundQuery(root: PlanNode(documents: DocIDBitmap()), window: .always, warnings: warnings)
    }
    var window = DateWindow.always
    var rest: [QueryNode] = []
    // Date windows that hold for the whole query cut the walk instead of becoming sets.
    for node in query.conjuncts {
      if let own = dateWindow(of: node) { window = window.intersection(own) } else { rest.append(node) }
    }
    let searched = PlanNode(documents: attributes.live.subtracting(excludedDocuments(query)))
    let root = PlanNode(and: [searched] + (try bind(all: rest)), all: attributes.live)
    return BoundQuery(root: root, window: window, warnings: warnings)
  }

  /// The query without words of punctuation, which ask nothing beside others (`R & D`); `nil` when nothing is left.
  private mutating func pruned(_ node: QueryNode) throws -> QueryNode? {
    switch node {
    case .and(let nodes):
      let rest = try pruned(nodes)
      return rest.isEmpty ? nil : .conjunction(rest)
    case .or(let nodes):
      let rest = try pruned(nodes)
      return rest.isEmpty ? nil : .disjunction(rest)
    case .not(let inner): return try pruned(inner).map(QueryNode.not)
    case .text(let field, let text):
      let leaf = TextLeaf(text, field, analyzers)
      try count(leaf, at: text.position)
      if !leaf.isEmpty { return node }
      warn(text.position, "\"\(text.text)\" has no letters or digits to look for.")
      return nil
    default: return node
    }
  }

  private mutating func pruned(_ nodes: [QueryNode]) throws -> [QueryNode] {
    var rest: [QueryNode] = []
    for node in nodes {
      if let node = try pruned(node) { rest.append(node) }
    }
    return rest
  }

  private mutating func count(_ leaf: TextLeaf, at position: QueryPosition) throws {
    try deadline.check()
    termCount += leaf.termCount
    guard termCount <= QueryNode.Limits.terms else {
      throw QueryError(
        position: position.scalars, expected: "fewer words",
        message: "A query may have at most \(QueryNode.Limits.terms) words, those of its phrases included.")
    }
  }

  private mutating func warn(_ position: QueryPosition, _ message: String) {
    warnings.append(QueryWarning(position: position.scalars, message: message))
  }

  private mutating func bind(all nodes: [QueryNode]) throws -> [PlanNode] {
    var bound: [PlanNode] = []
    for node in nodes { bound.append(try bind(node)) }
    return bound
  }

  private mutating func bind(_ node: QueryNode) throws -> PlanNode {
    try deadline.check()
    switch node {
    case .all, .anywhere: return PlanNode(documents: attributes.live)
    case .and(let nodes): return PlanNode(and: try bind(all: nodes), all: attributes.live)
    case .or(let nodes): return PlanNode(or: try bind(all: nodes))
    case .not(let node): return PlanNode(not: try bind(node), all: attributes.live)
    case .text(let field, let text): return try bind(TextLeaf(text, field, analyzers))
    case .folder(let name, let position): return PlanNode(documents: documents(inFolder: name, position))
    case .flag(.read): return PlanNode(documents: attributes.live.subtracting(attributes.unread))
    case .flag(.unread): return PlanNode(documents: attributes.unread)
    case .flag(.starred): return PlanNode(documents: attributes.starred)
    case .flag(.replied): return PlanNode(documents: attributes.replied)
    case .label(let name, let position): return PlanNode(documents: documents(labelled: name, position))
    case .hasAttachment: return PlanNode(documents: attributes.hasAttachment)
    case .before, .after, .on, .olderThan, .newerThan:
      return PlanNode(documents: documents(in: dateWindow(of: node) ?? .always))
    case .larger(let size): return PlanNode(documents: documents { attributes.size($0) > size })
    case .smaller(let size): return PlanNode(documents: documents { attributes.size($0) < size })
    case .messageID(let id): return try bind(messageID: id)
    case .thread(let id):
      guard let thread = context.thread(id) else { return PlanNode(documents: DocIDBitmap()) }
      return PlanNode(documents: documents { attributes.thread($0) == thread })
    }
  }

  // MARK: Attributes

  private func documents(where isMember: (DocID) -> Bool) -> DocIDBitmap {
    var documents = DocIDBitmap()
    attributes.live.forEach { if isMember($0) { documents.insert($0) } }
    return documents
  }

  private func documents(in window: DateWindow) -> DocIDBitmap {
    var documents = DocIDBitmap()
    let range = window.range(in: attributes)
    var position = range.lowerBound
    while position < range.upperBound, let docID = attributes.next(&position) { documents.insert(docID) }
    return documents
  }

  private func dateWindow(of node: QueryNode) -> DateWindow? {
    func key(_ moment: Timestamp) -> DocumentKey { DocumentKey(receivedAt: moment, docID: DocID(rawValue: 0)) }
    func start(_ day: Int) -> DocumentKey { key(context.startOfDay(day)) }
    switch node {
    case .before(let period): return DateWindow(upper: start(period.days.lowerBound))
    case .after(let period): return DateWindow(lower: start(period.days.lowerBound))
    case .on(let period):
      return DateWindow(lower: start(period.days.lowerBound), upper: start(period.days.upperBound))
    case .olderThan(let age): return DateWindow(upper: key(age.moment(before: context.now)))
    case .newerThan(let age): return DateWindow(lower: key(age.moment(before: context.now)))
    default: return nil
    }
  }

  private mutating func documents(labelled name: String, _ position: QueryPosition) -> DocIDBitmap {
    let wanted = name.lowercased()
    let labels = attributes.labelNames.filter { $0.lowercased() == wanted }
    if labels.isEmpty { warn(position, "No mail has the label \"\(name)\".") }
    return labels.reduce(DocIDBitmap()) { $0.union(attributes.label($1)) }
  }

  // MARK: Folders

  /// Spam and trash, unless the query asks for them: `in:spam`, `in:trash`, `in:anywhere`.
  private func excludedDocuments(_ query: QueryNode) -> DocIDBitmap {
    if query.reachesAnywhere { return DocIDBitmap() }
    let named = Set(query.namedFolders.flatMap { folders(named: $0) }.map(\.id))
    return context.folders.filter { ["spam", "trash"].contains($0.role) && !named.contains($0.id) }
      .reduce(DocIDBitmap()) { $0.union(attributes.folder($1.id)) }
  }

  private mutating func documents(inFolder name: String, _ position: QueryPosition) -> DocIDBitmap {
    let folders = folders(named: name)
    if folders.isEmpty { warn(position, "There is no folder \"\(name)\".") }
    return folders.reduce(DocIDBitmap()) { $0.union(attributes.folder($1.id)) }
  }

  /// By role or full name, without regard to case; where nothing has that name, by the last part of a nested one.
  private func folders(named name: String) -> [SearchFolder] {
    let wanted = name.lowercased()
    let exact = context.folders.filter { $0.role == wanted || $0.name.lowercased() == wanted }
    return exact.isEmpty ? context.folders.filter { $0.name.lowercased().hasSuffix("/" + wanted) } : exact
  }

  // MARK: Text

  private mutating func bind(_ leaf: TextLeaf) throws -> PlanNode {
    let text = try openText()
    var bounds = TextSource.Bounds()
    for (pattern, fields) in leaf.fieldsByPattern {
      for phrase in pattern.phrases { bounds.formUnion(try text.bounds(of: phrase, in: fields)) }
    }
    bounds = text.withMissing(bounds)
    return PlanNode(leaf: cache.add(leaf), cost: leaf.cost, may: bounds.may, must: bounds.must)
  }

  /// A public id of this user, or the Message-ID of a header.
  private mutating func bind(messageID id: String) throws -> PlanNode {
    if let docID = context.message(id), attributes.live.contains(docID) {
      return PlanNode(documents: DocIDBitmap([docID]))
    }
    let text = try openText()
    let bounds = text.withMissing(try text.bounds(ofMessageID: id))
    return PlanNode(messageID: id, may: bounds.may, must: bounds.must)
  }

  private mutating func openText() throws -> TextSource {
    if let text { return text }
    let opened = try TextSource(cache.records(), attributes.live, deadline)
    text = opened
    return opened
  }
}

extension QueryNode {
  /// The parts that must all hold.
  fileprivate var conjuncts: [QueryNode] {
    if case .and(let nodes) = self { nodes.flatMap(\.conjuncts) } else { [self] }
  }
}
