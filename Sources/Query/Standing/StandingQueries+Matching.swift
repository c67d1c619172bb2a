package import Analysis
package import Bytes
package import Index

/// A mail as it is committed, with all that a query may ask of it.
package struct ArrivedMail: Sendable {
  let user: UserID
  let docID: DocID
  let attributes: DocumentAttributes
  let record: EncodedRecord

  package init(user: UserID, docID: DocID, attributes: DocumentAttributes, record: EncodedRecord) {
    self.user = user
    self.docID = docID
    self.attributes = attributes
    self.record = record
  }
}

/// Which standing queries a mail matches.
package struct StandingMatches: Sendable {
  /// By number, ascending.
  package fileprivate(set) var queries: [UInt64] = []
  /// How many were asked, of all that stand.
  package private(set) var askedCount = 0
  /// False where the time was up before all had been asked.
  package fileprivate(set) var isInTime = true
  /// Why some had no answer.
  package private(set) var unreadHeader: UnreadHeader?

  /// Whether all that stand had an answer.
  package var isComplete: Bool { isInTime && unreadHeader == nil }

  mutating func note(_ number: UInt64, isMatch: Bool) {
    if isMatch { queries.append(number) }
    askedCount += 1
  }

  mutating func note(_ error: UnreadHeader) {
    unreadHeader = error
    askedCount += 1
  }
}

extension StandingQueries {
  /// Those queries of which a search would find the mail, were it the next thing after the mail's commit.
  ///
  /// - Parameters:
  ///   - asksAll: asks every query, whatever its words: the slow and obvious way, to measure and to test the other against.
  ///   - context: of the mail's owner, with the commit that brings the mail; called where a query is asked.
  /// - Throws: `DecodingError` or `IndexError` for a record that cannot be read; whatever `context` throws.
  package func matches(
    _ mail: ArrivedMail, _ analyzers: AnalyzerSet, asksAll: Bool = false, deadline: SearchDeadline = .never,
    context: () throws -> SearchContext
  ) throws -> StandingMatches {
    var matches = StandingMatches()
    let (groups, areAll) = try asksAll ? ([all(analyzers)], true) : asked(of: mail, analyzers, deadline)
    matches.isInTime = areAll
    if groups.isEmpty { return matches }
    let snapshot = UserSnapshot(of: mail.user, mail.docID, mail.attributes, mail.record)
    let context = try context()
    do {
      // The header is read once, whichever of them ask for it.
      let headers = HeaderSearch(context, analyzers.identifier, deadline)
      for group in groups { try group.ask(of: mail.docID, in: snapshot, context, headers, deadline, &matches) }
    } catch let error as SearchError where error.code == .deadlineExceeded {
      matches.isInTime = false
    }
    matches.queries.sort()
    return matches
  }
}
