import Bytes
import Index

/// Writes the plan of a query: what each node means for this user.
struct PlanText {
  private let clauses: [String]
  private let leaves: [TextLeaf]
  private var binder: QueryBinder

  /// - Parameter clauses: of the leaves, beside them.
  init(_ clauses: [String], _ leaves: [TextLeaf], _ binder: QueryBinder) {
    self.clauses = clauses
    self.leaves = leaves
    self.binder = binder
  }

  func lines(_ query: AnalyzedQuery, _ bound: BoundQuery) -> [String] {
    var text = self
    var lines = query.root.map { text.lines($0, indent: 1) } ?? ["  nothing is asked for"]
    if bound.window != .always {
      lines.append(
        "  received" + text.moment(" from ", bound.window.lower) + text.moment(" before ", bound.window.upper))
    }
    for excluded in bound.excluded { lines.append("  without spam or trash: \(excluded.count) documents") }
    lines.append(bound.root.needsText ? "  answered from text" : "  answered from sets alone: no posting is read")
    return lines
  }

  private func moment(_ word: String, _ key: DocumentKey?) -> String { key.map { word + $0.receivedAt.utc } ?? "" }

  private mutating func lines(_ node: AnalyzedQuery.Node, indent: Int) -> [String] {
    let start = String(repeating: "  ", count: indent)
    switch node {
    case .and(let nodes): return [start + "and"] + lines(nodes, indent + 1)
    case .or(let nodes): return [start + "or"] + lines(nodes, indent + 1)
    case .not(let inner): return [start + "not"] + lines(inner, indent: indent + 1)
    case .text(let number): return [start + text(number)]
    case .filter(let filter): return [start + filter.clause + meaning(of: node)]
    }
  }

  private mutating func lines(_ nodes: [AnalyzedQuery.Node], _ indent: Int) -> [String] {
    var lines: [String] = []
    for node in nodes { lines += self.lines(node, indent: indent) }
    return lines
  }

  private func text(_ number: Int) -> String {
    let meanings = leaves[number].fieldsByPattern.map { pattern, fields in
      "\(pattern) in " + fields.fields.map { "\($0)" }.joined(separator: ", ")
    }
    guard number < clauses.count else { return meanings.joined(separator: "; ") }
    return clauses[number] + ": " + meanings.joined(separator: "; ")
  }

  private mutating func meaning(of node: AnalyzedQuery.Node) -> String {
    switch binder.bind(node) {
    case .documents(let documents): ": set of \(documents.count) documents"
    case .not(.documents(let documents)): ": all but a set of \(documents.count) documents"
    case .column: ": read in a column, of pending mail in the records"
    case .header: ": read in the mails themselves"
    case .messageID: ": looked up among Message-IDs"
    case .or: ": nothing has it"
    default: ""
    }
  }
}
