package import Index

/// Completes a query that is being typed: names of operators and what they take, people, folders, labels and subjects of the
/// mailbox. Blocks on reads, as a search does.
package struct Suggester: Sendable {
  package static let limits = 1...50
  /// Subjects are looked for from so many letters on.
  private static let subjectLength = 2
  /// What is longer is no word that somebody completes.
  private static let maxLength = 256
  /// Hits whose subjects are looked at.
  private static let subjectHits = 20

  private let searcher: Searcher

  package init(_ searcher: Searcher) { self.searcher = searcher }

  /// - Parameter limit: of each kind; all together no more than three times as many.
  /// - Throws: `SearchError` past the deadline; `IndexError`; `FileError`.
  package func suggestions(
    for query: String, in snapshot: UserSnapshot, context: SearchContext, limit: Int, deadline: SearchDeadline = .never
  ) throws -> [Suggestion] {
    let limit = min(max(limit, Self.limits.lowerBound), Self.limits.upperBound)
    let fragment = QueryFragment(query)
    guard fragment.text.unicodeScalars.count <= Self.maxLength else { return [] }
    let session = Session(
      searcher: searcher, fragment: fragment, typed: QueryScanner.plain(fragment.text).lowercased(), snapshot: snapshot,
      context: context, limit: limit, deadline: deadline)
    switch fragment.name {
    case "from", "to", "cc", "bcc", "sender": return try session.people()
    case "in": return session.folders()
    case "label": return session.labels()
    case "subject": return try session.subjects()
    case nil:
      if fragment.text.isEmpty { return [] }
      return try session.operators() + session.people() + session.folders(named: true) + session.subjects()
    case let name?: return session.values(of: name)
    }
  }

  private struct Session {
    let searcher: Searcher
    let fragment: QueryFragment
    /// Of the word, in small letters.
    let typed: String
    let snapshot: UserSnapshot
    let context: SearchContext
    let limit: Int
    let deadline: SearchDeadline

    // MARK: The language

    func operators() -> [Suggestion] {
      let names = QueryOperator.all.flatMap(\.names)
      return names.filter { $0.hasPrefix(typed) }.prefix(limit).map {
        Suggestion(.operator, $0 + ":", query: fragment.before + $0 + ":")
      }
    }

    func values(of name: String) -> [Suggestion] {
      guard case .filter(_, let value, _)? = QueryOperator.named(name)?.meaning else { return [] }
      let choices =
        switch name {
        case "before", "after", "on", "date":
          ["today", "yesterday", "this week", "last week", "this month", "last month", "this year", "last year"]
        case "older_than", "newer_than": ["1d", "1w", "1m", "1y"]
        case "larger", "smaller", "size": ["100K", "1M", "10M"]
        default: value.choices
        }
      // Between the words of a date one blank is as good as two.
      let typed = typed.split(whereSeparator: \.isWhitespace).joined(separator: " ")
      return choices.filter { $0.lowercased().hasPrefix(typed) }.prefix(limit).map { suggestion(.value, $0) }
    }

    private func suggestion(_ kind: Suggestion.Kind, _ text: String) -> Suggestion {
      Suggestion(kind, text, query: fragment.before + QueryNode.name(text))
    }

    // MARK: The mailbox

    func people() throws -> [Suggestion] {
      if typed.isEmpty { return [] }
      var finder = try PeopleFinder(fragment.text, searcher, snapshot, context, deadline)
      return try finder.people(limit: limit).map { person in
        Suggestion(.person, person.address, query: fragment.before + QueryNode.name(person.address), name: person.name)
      }
    }

    /// - Parameter named: with their operator before them.
    func folders(named: Bool = false) -> [Suggestion] {
      let beginning = TypedBeginning(typed)
      let names = (named ? [] : ["anywhere"]) + context.folders.map(\.name)
      return names.filter(beginning.begins(folder:)).prefix(limit).map { name in
        Suggestion(.folder, name, query: fragment.before + (named ? "in:" : "") + QueryNode.name(name))
      }
    }

    func labels() -> [Suggestion] {
      snapshot.attributes.labelNames.sorted().filter { $0.lowercased().hasPrefix(typed) }.prefix(limit)
        .map { suggestion(.label, $0) }
    }

    /// Of the newest mails in whose subject a word begins so; each once.
    func subjects() throws -> [Suggestion] {
      guard fragment.text.unicodeScalars.count >= Suggester.subjectLength else { return [] }
      let found = try searcher.search(
        .text(field: .subject, TextQuery(.prefix, fragment.text)), in: snapshot, context: context,
        limit: Suggester.subjectHits, wantsTotal: false, wantsCursor: false, deadline: deadline)
      var subjects: [String] = []
      for docID in found.documents where subjects.count < limit {
        let subject = try snapshot.openRecords().head(docID).subject.split(whereSeparator: \.isWhitespace).joined(
          separator: " ")
        if !subject.isEmpty, !subjects.contains(subject) { subjects.append(subject) }
      }
      return subjects.map { subject in
        let start = fragment.name == nil ? "subject:" : ""
        return Suggestion(.subject, subject, query: fragment.before + start + QueryNode.quoted(subject))
      }
    }
  }
}
