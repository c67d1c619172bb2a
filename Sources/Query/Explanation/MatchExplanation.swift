package import Bytes
package import Index

/// Whether one message is a hit of a query, and why.
package struct MatchExplanation: Sendable {
  /// `nil` where that cannot be told, because the message's text is not there; a search that needs it fails then.
  package let isHit: Bool?
  /// What is so of the whole query, then each clause with its reasons.
  package let lines: [String]

  package init(isHit: Bool?, lines: [String]) {
    self.isHit = isHit
    self.lines = lines
  }
}

extension Searcher {
  /// Says of each clause of a query whether a message matches it and why. The verdict is that of a search for the query.
  ///
  /// - Parameter docID: of a live message.
  /// - Throws: `QueryError` for a query with too many words; `SearchError`; `IndexError` where files are damaged; `FileError`.
  package func explainMatch(
    of docID: DocID, with query: QueryNode, in snapshot: UserSnapshot, context: SearchContext,
    deadline: SearchDeadline = .never
  ) throws -> MatchExplanation {
    let analyzed = try AnalyzedQuery(query, analyzers, deadline)
    var binder = QueryBinder(snapshot, context)
    let bound = binder.bind(analyzed)
    let cache = RecordCache(snapshot, analyzed.leaves, context, analyzers, deadline)
    var explainer = ClauseExplainer(docID, snapshot, context, analyzers, binder, cache, deadline)
    let verdict = try explainer.verdict(on: query)
    var lines: [String] = []
    if analyzed.root == nil { lines.append("the query asks for nothing, and nothing is a hit") }
    let isExcluded = bound.excluded.contains { $0.contains(docID) }
    if isExcluded {
      lines.append(
        "it is in \(explainer.folderName), which searches leave out unless they say in:spam, in:trash or in:anywhere")
    }
    lines += verdict.lines(indent: 0)
    let isHit: Bool? =
      if isExcluded || analyzed.root == nil { false } else { verdict.isUnknown ? nil : verdict.matches ?? false }
    return MatchExplanation(isHit: isHit, lines: lines)
  }
}

/// What was found out about one clause of a query.
struct ClauseVerdict {
  let clause: String
  /// `nil` where the clause asks nothing, or it cannot be told.
  var matches: Bool?
  /// Whether the message's text would be needed to tell, and is not there.
  var isUnknown = false
  var reasons: [String] = []
  var children: [ClauseVerdict] = []

  func lines(indent: Int) -> [String] {
    let start = String(repeating: "  ", count: indent)
    let answer = isUnknown ? "?" : matches.map { $0 ? "yes" : "no" } ?? "-"
    let line = "\(start)\(answer.padded(to: 4))\(clause)"
    return [line] + reasons.map { "\(start)      \($0)" } + children.flatMap { $0.lines(indent: indent + 1) }
  }
}

extension String {
  fileprivate func padded(to width: Int) -> String { self + String(repeating: " ", count: max(0, width - count)) }
}
