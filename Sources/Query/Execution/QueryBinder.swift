import Bytes
import Index

/// A query bound to one snapshot.
struct BoundQuery {
  let root: BoundNode
  /// The part of the time line that it asks for.
  let window: DateWindow
  /// No document of these is a hit: spam and trash, unless the query asks for them.
  let excluded: [DocIDBitmap]
  let warnings: [QueryWarning]

  func excluding(_ documents: DocIDBitmap) -> BoundQuery {
    documents.isEmpty
      ? self : BoundQuery(root: root, window: window, excluded: excluded + [documents], warnings: warnings)
  }
}

/// Gives a query's leaves their meaning for one user: folders, labels, dates, sizes and ids become sets of documents.
struct QueryBinder {
  // Not its attributes: a copy of them is twenty references counted.
  private let snapshot: UserSnapshot
  private let context: SearchContext
  private var warnings: [QueryWarning] = []

  init(_ snapshot: UserSnapshot, _ context: SearchContext) {
    self.snapshot = snapshot
    self.context = context
  }

  mutating func bind(_ query: AnalyzedQuery) -> BoundQuery {
    warnings = query.warnings
    guard query.root != nil else {
      return BoundQuery(root: .or([]), window: .always, excluded: [], warnings: warnings)
    }
    // One word, as are most queries: without a list made for it.
    if query.conjuncts.count == 1, dateWindow(of: query.conjuncts[0]) == nil {
      let root = bind(query.conjuncts[0])
      return BoundQuery(root: root, window: .always, excluded: excludedDocuments(query), warnings: warnings)
    }
    var window = DateWindow.always
    var rest: [BoundNode] = []
    // Date windows that hold for the whole query cut the walk instead of becoming sets.
    for node in query.conjuncts {
      if let own = dateWindow(of: node) { window = window.intersection(own) } else { rest.append(bind(node)) }
    }
    return BoundQuery(
      root: rest.count == 1 ? rest[0] : .and(rest), window: window, excluded: excludedDocuments(query),
      warnings: warnings)
  }

  private func dateWindow(of node: AnalyzedQuery.Node) -> DateWindow? {
    if case .filter(let filter) = node { dateWindow(of: filter) } else { nil }
  }

  mutating func bind(_ node: AnalyzedQuery.Node) -> BoundNode {
    switch node {
    case .and(let nodes): .and(nodes.map { bind($0) })
    case .or(let nodes): .or(nodes.map { bind($0) })
    case .not(let node): .not(bind(node))
    case .text(let leaf): .text(leaf)
    case .filter(let filter): bind(filter)
    }
  }

  private mutating func bind(_ filter: QueryNode) -> BoundNode {
    switch filter {
    case .folder(let name, let position): return .documents(documents(inFolder: name, position))
    case .flag(.read): return .not(.documents(snapshot.attributes.unread))
    case .flag(.unread): return .documents(snapshot.attributes.unread)
    case .flag(.starred): return .documents(snapshot.attributes.starred)
    case .flag(.replied): return .documents(snapshot.attributes.replied)
    case .label(let name, let position): return .documents(documents(labelled: name, position))
    case .hasAttachment: return .documents(snapshot.attributes.hasAttachment)
    case .hasFile(let kind): return .column(.kind(kind))
    case .sender(let address): return .column(.sender(ExtractedTextRecord.senderAddress(address)))
    case .before, .after, .on, .date, .olderThan, .newerThan:
      return .documents(documents(in: dateWindow(of: filter) ?? .always))
    case .larger(let size): return .documents(documents { snapshot.attributes.size($0) > size })
    case .smaller(let size): return .documents(documents { snapshot.attributes.size($0) < size })
    case .messageID(let id):
      // A public id of this user is that message's alone; all else is the Message-ID of a header.
      guard let docID = context.message(id) else { return .messageID(id) }
      return .documents(snapshot.attributes.live.contains(docID) ? DocIDBitmap([docID]) : DocIDBitmap())
    case .thread(let id):
      guard let thread = context.thread(id) else { return .or([]) }
      return .documents(documents { snapshot.attributes.thread($0) == thread })
    case .header(let header): return .header(header)
    case .all, .anywhere, .and, .or, .not, .text: return .and([])
    }
  }

  private mutating func warn(_ position: QueryPosition, _ message: String) {
    warnings.append(QueryWarning(position: position.scalars, message: message))
  }

  // MARK: Attributes

  private func documents(where isMember: (DocID) -> Bool) -> DocIDBitmap {
    var documents = DocIDBitmap()
    snapshot.attributes.live.forEach { if isMember($0) { documents.insert($0) } }
    return documents
  }

  private func documents(in window: DateWindow) -> DocIDBitmap {
    var documents = DocIDBitmap()
    let range = window.range(in: snapshot.attributes)
    var position = range.lowerBound
    while position < range.upperBound, let docID = snapshot.attributes.next(&position) { documents.insert(docID) }
    return documents
  }

  private func dateWindow(of node: QueryNode) -> DateWindow? {
    func key(_ moment: Timestamp) -> DocumentKey { DocumentKey(receivedAt: moment, docID: DocID(rawValue: 0)) }
    func start(_ day: Int) -> DocumentKey { key(context.startOfDay(day)) }
    switch node {
    case .before(let date): return DateWindow(upper: start(date.days(today: context.today).lowerBound))
    case .after(let date): return DateWindow(lower: start(date.days(today: context.today).lowerBound))
    case .on(let date):
      let days = date.days(today: context.today)
      return DateWindow(lower: start(days.lowerBound), upper: start(days.upperBound))
    case .date(let range):
      let days = range.days(today: context.today)
      return DateWindow(lower: days.lower.map(start), upper: days.upper.map(start))
    case .olderThan(let age): return DateWindow(upper: key(age.moment(before: context.now)))
    case .newerThan(let age): return DateWindow(lower: key(age.moment(before: context.now)))
    default: return nil
    }
  }

  private mutating func documents(labelled name: String, _ position: QueryPosition) -> DocIDBitmap {
    let wanted = name.lowercased()
    let labels = snapshot.attributes.labelNames.filter { $0.lowercased() == wanted }
    if labels.isEmpty { warn(position, "No mail has the label \"\(name)\".") }
    return labels.reduce(DocIDBitmap()) { $0.union(snapshot.attributes.label($1)) }
  }

  // MARK: Folders

  /// Spam and trash, unless the query asks for them: `in:spam`, `in:trash`, `in:anywhere`.
  private func excludedDocuments(_ query: AnalyzedQuery) -> [DocIDBitmap] {
    if query.reachesAnywhere { return [] }
    var excluded: [DocIDBitmap] = []
    for folder in context.hiddenFolders {
      let isNamed = query.namedFolders.contains { name in folders(named: name).contains { $0.id == folder.id } }
      if isNamed { continue }
      let documents = snapshot.attributes.folder(folder.id)
      if !documents.isEmpty { excluded.append(documents) }
    }
    return excluded
  }

  private mutating func documents(inFolder name: String, _ position: QueryPosition) -> DocIDBitmap {
    let folders = folders(named: name)
    if folders.isEmpty { warn(position, "There is no folder \"\(name)\".") }
    return folders.reduce(DocIDBitmap()) { $0.union(snapshot.attributes.folder($1.id)) }
  }

  /// By id, or by role or full name, without regard to case; where nothing has that name, by the last part of a nested one.
  private func folders(named name: String) -> [SearchFolder] {
    // An id is one folder's, whatever others are called.
    if let folder = context.folders.first(where: { $0.publicID == name }) { return [folder] }
    let wanted = name.lowercased()
    let exact = context.folders.filter { $0.role == wanted || $0.name.lowercased() == wanted }
    return exact.isEmpty ? context.folders.filter { $0.name.lowercased().hasSuffix("/" + wanted) } : exact
  }
}
