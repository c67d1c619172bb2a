/// Why a query's text, or its JSON, could not be understood. Whoever typed it can mend it: problem+json shows all of it.
package struct QueryError: Error, Hashable, Sendable, CustomStringConvertible {
  /// Where, in Unicode scalars from 0; for JSON 0.
  package var position: Int
  /// What would have been right there: "a closing quote".
  package var expected: String
  /// What was probably meant: "from:".
  package var suggestion: String?
  /// One sentence for people.
  package var message: String

  package init(position: Int, expected: String, suggestion: String? = nil, message: String) {
    self.position = position
    self.expected = expected
    self.suggestion = suggestion
    self.message = message
  }

  package var description: String { "at \(position): \(message)" }
}

/// Something that was understood, but perhaps not as it was meant.
package struct QueryWarning: Hashable, Sendable {
  /// In Unicode scalars from 0.
  package var position: Int
  package var message: String
  /// What was perhaps meant: the nearest operator, `from:`, or a word in quotes.
  package var suggestion: String?

  package init(position: Int, message: String, suggestion: String? = nil) {
    self.position = position
    self.message = message
    self.suggestion = suggestion
  }
}

package struct ParsedQuery: Hashable, Sendable {
  package var root: QueryNode
  package var warnings: [QueryWarning]

  package init(root: QueryNode, warnings: [QueryWarning]) {
    self.root = root
    self.warnings = warnings
  }
}

/// Parses the query language of `docs/query-language.md`. Total: any text gives a tree or an error with its position.
package func parseQuery(_ text: String) throws(QueryError) -> ParsedQuery {
  var parser = try QueryParser(text)
  return try parser.parse()
}
