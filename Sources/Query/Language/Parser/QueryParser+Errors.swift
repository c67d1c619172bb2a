/// Limits, and what the parser says when it cannot go on.
extension QueryParser {
  mutating func deeper(
    _ body: (inout QueryParser) throws(QueryError) -> QueryNode
  ) throws(QueryError) -> QueryNode {
    depth += 1
    guard depth <= QueryNode.Limits.depth else {
      throw QueryError(
        position: scanner.position, expected: "fewer levels",
        message: "A query may be nested \(QueryNode.Limits.depth) levels deep at most.")
    }
    let node = try body(&self)
    depth -= 1
    return node
  }

  mutating func counted(_ node: QueryNode, at position: Int) throws(QueryError) -> QueryNode {
    node.forEachNode { clauseCount += $0.leafCount }
    guard clauseCount <= QueryNode.Limits.clauses else {
      throw QueryError(
        position: position, expected: "the end of the query",
        message: "A query may have at most \(QueryNode.Limits.clauses) words and filters.")
    }
    return node.placed(at: position)
  }

  func expectation(of scope: Scope) -> String {
    if case .filter(let expected, _, _) = scope.meaning { expected } else { "a word, a phrase or a group" }
  }

  func expectedWord() -> QueryError {
    let found = scanner.current.map { "\"\($0)\"" } ?? "the end"
    return QueryError(
      position: scanner.position, expected: "a word, a phrase or a group",
      message: "A word, a phrase or a group is missing before \(found).")
  }

  func unclosed(_ opening: String, expected: String, _ opened: Int) -> QueryError {
    QueryError(
      position: scanner.position, expected: expected, message: "The \(opening) at \(opened) is never closed.")
  }

  func nested(_ name: String, in scope: Scope, position: Int) -> QueryError {
    QueryError(
      position: position, expected: expectation(of: scope),
      message: "\(name): cannot stand inside \(scope.name):( ); put it in quotes to search for it as text.")
  }

  func unjoined(_ distance: Int, at position: Int) -> QueryError {
    QueryError(
      position: position, expected: "a word or a phrase",
      message:
        "AROUND(\(distance)) stands between two words or phrases of one field: subject:(a AROUND(\(distance)) b).")
  }
}
