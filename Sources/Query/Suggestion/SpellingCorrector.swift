import Analysis
package import Index

/// Finds words that the mailbox has for words of a query that it has not ("did you mean"), where the query finds more with them.
/// Blocks on reads, as a search does.
package struct SpellingCorrector: Sendable {
  /// Words of a query that are looked at.
  private static let wordLimit = 8
  /// A query that finds so many is taken as it is.
  private static let enoughHits = 3

  private let searcher: Searcher

  package init(_ searcher: Searcher) { self.searcher = searcher }

  /// - Parameter found: how many hits the query has, or its first page where they were not counted.
  /// - Returns: the query with other words; `nil` where it has none to correct, or finds no more so.
  /// - Throws: `SearchError` past the deadline; `IndexError`; `FileError`.
  package func correction(
    of query: QueryNode, found: Int, in snapshot: UserSnapshot, context: SearchContext,
    deadline: SearchDeadline = .never
  ) throws -> QueryNode? {
    guard found < Self.enoughHits else { return nil }
    var session = Session(searcher: searcher, snapshot: snapshot, context: context, deadline: deadline)
    let corrected = try session.corrected(query)
    guard session.hasChanged else { return nil }
    let result = try searcher.search(
      corrected, in: snapshot, context: context, limit: 1, wantsCursor: false, deadline: deadline)
    return result.total ?? 0 > found ? corrected : nil
  }

  private struct Session {
    let searcher: Searcher
    let snapshot: UserSnapshot
    let context: SearchContext
    let deadline: SearchDeadline
    private(set) var hasChanged = false
    private var wordCount = 0

    init(searcher: Searcher, snapshot: UserSnapshot, context: SearchContext, deadline: SearchDeadline) {
      self.searcher = searcher
      self.snapshot = snapshot
      self.context = context
      self.deadline = deadline
    }

    /// What is negated stays: without it more is found anyway.
    mutating func corrected(_ node: QueryNode) throws -> QueryNode {
      switch node {
      case .and(let nodes): return .and(try nodes.map { try corrected($0) })
      case .or(let nodes): return .or(try nodes.map { try corrected($0) })
      case .text(let field, var text):
        guard text.kind == .word, text.neighbour == nil, let word = try correction(of: text, field) else { return node }
        text.text = word
        hasChanged = true
        return .text(field: field, text)
      default: return node
      }
    }

    private mutating func correction(of text: TextQuery, _ field: QueryField?) throws -> String? {
      wordCount += 1
      guard wordCount <= SpellingCorrector.wordLimit, text.text.allSatisfy(\.isLetter) else { return nil }
      // A word of spam is spelled as it is, too.
      if try isFound(.and([.text(field: field, text), .anywhere])) { return nil }
      let analyzer = searcher.analyzers[TextLeaf.fields(of: field).fields[0].analyzer]
      let words = try NearWords(text.text, analyzer, searcher.analyzers, snapshot, deadline)?.best(3) ?? []
      return try words.first { word in try isFound(.text(field: field, TextQuery(.word, word))) }
    }

    private func isFound(_ query: QueryNode) throws -> Bool {
      try !searcher.search(
        query, in: snapshot, context: context, limit: 1, wantsTotal: false, wantsCursor: false, deadline: deadline
      ).documents.isEmpty
    }
  }
}
