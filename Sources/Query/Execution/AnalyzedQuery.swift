package import Analysis

/// A query whose words have gone through the analyzers: good for every user and any number of searches.
package struct AnalyzedQuery: Sendable {
  /// The query as it was understood; cursors are bound to it.
  package let query: QueryNode
  package let warnings: [QueryWarning]
  /// `nil` where nothing is left to look for.
  let root: Node?
  /// The parts of it that must all hold.
  let conjuncts: [Node]
  let leaves: [TextLeaf]
  /// Words that are looked for, those of phrases and of header fields included.
  let termCount: Int
  /// As `QueryNode` has them.
  let namedFolders: Set<String>
  let reachesAnywhere: Bool

  enum Node: Sendable {
    case and([Node])
    case or([Node])
    indirect case not(Node)
    /// By number in `leaves`.
    case text(Int)
    case filter(QueryNode)
  }

  /// - Throws: `QueryError` for more words than a query may have; `SearchError` past the deadline.
  package init(_ query: QueryNode, _ analyzers: AnalyzerSet, _ deadline: SearchDeadline = .never) throws {
    var analysis = Analysis(analyzers: analyzers, deadline: deadline)
    let root = try analysis.analyzed(query)
    self.root = root
    conjuncts = root.map(Self.conjuncts) ?? []
    self.query = query
    leaves = analysis.leaves
    termCount = analysis.termCount
    warnings = analysis.warnings
    namedFolders = query.namedFolders
    reachesAnywhere = query.reachesAnywhere
  }

  private static func conjuncts(of node: Node) -> [Node] {
    if case .and(let nodes) = node { nodes.flatMap(conjuncts) } else { [node] }
  }
}

private struct Analysis {
  let analyzers: AnalyzerSet
  let deadline: SearchDeadline
  private(set) var leaves: [TextLeaf] = []
  private(set) var warnings: [QueryWarning] = []
  private(set) var termCount = 0

  init(analyzers: AnalyzerSet, deadline: SearchDeadline) {
    self.analyzers = analyzers
    self.deadline = deadline
  }

  /// Without words of punctuation, which ask nothing beside others (`R & D`); `nil` when nothing is left.
  mutating func analyzed(_ node: QueryNode) throws -> AnalyzedQuery.Node? {
    switch node {
    case .and(let nodes):
      let rest = try analyzed(nodes)
      return rest.count > 1 ? .and(rest) : rest.first
    case .or(let nodes):
      let rest = try analyzed(nodes)
      return rest.count > 1 ? .or(rest) : rest.first
    case .not(let inner): return try analyzed(inner).map(AnalyzedQuery.Node.not)
    case .text(let field, let text): return try analyzed(text, field)
    case .header(let header):
      try count(HeaderMatcher.termCount(header, analyzers.identifier), at: 0)
      return .filter(node)
    default: return .filter(node)
    }
  }

  private mutating func analyzed(_ nodes: [QueryNode]) throws -> [AnalyzedQuery.Node] {
    var rest: [AnalyzedQuery.Node] = []
    for node in nodes {
      if let node = try analyzed(node) { rest.append(node) }
    }
    return rest
  }

  private mutating func analyzed(_ text: TextQuery, _ field: QueryField?) throws -> AnalyzedQuery.Node? {
    try deadline.check()
    let leaf = TextLeaf(text, field, analyzers)
    try count(leaf.termCount, at: text.position.scalars)
    guard !leaf.isEmpty else {
      warnings.append(
        QueryWarning(
          position: text.position.scalars, message: "\"\(text.text)\" has no letters or digits to look for."))
      return nil
    }
    if text.kind == .fuzzy || text.kind == .fuzzy2, !leaf.isNear {
      warnings.append(
        QueryWarning(
          position: text.position.scalars,
          message: "\"\(text.text)\" is not one word of letters and digits and was looked for as it stands."))
    }
    leaves.append(leaf)
    return .text(leaves.count - 1)
  }

  private mutating func count(_ terms: Int, at position: Int) throws {
    termCount += terms
    guard termCount <= QueryNode.Limits.terms else {
      throw QueryError(
        position: position, expected: "fewer words",
        message: "A query may have at most \(QueryNode.Limits.terms) words, those of its phrases included.")
    }
  }
}
