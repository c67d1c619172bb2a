package import Analysis
package import Index

/// Tells in which languages of the Latin script a mailbox is written, by words that stand in most texts of a language: a look at some
/// hundred entries of its dictionaries, and of mail that is in no segment yet at the filters; no mail is read.
package struct MailboxLanguages: Sendable {
  package let languages: StemmingLanguages
  /// Mails that told it; more of them may tell otherwise.
  package let mailCount: Int

  /// The share of the mails in which a word must stand to count, and how many of a language's words must.
  private static let share = 50
  private static let words = 5
  /// Fewer mails tell nothing.
  package static let leastMails = 32
  /// Where people write; in addresses and names words of any language stand.
  private static let fields: RecordFields = [.subject, .body, .attachment]

  /// - Parameters:
  ///   - parts: all of the mailbox's.
  ///   - pending: the mails that are in none of them; a word counts wherever it stands in them, as filters know no fields.
  /// - Throws: `IndexError`; `FileError`.
  package init(of parts: [SegmentPart], _ pending: PendingRecords? = nil) throws {
    let mailCount = Self.mailCount(of: parts, pending)
    self.mailCount = mailCount
    guard mailCount >= Self.leastMails else {
      languages = []
      return
    }
    var counts: [String: Int] = [:]
    func count(of word: String) throws -> Int {
      let term = Array(word.utf8)
      return try parts.reduce(pending?.filteredCount(for: termHash(term)) ?? 0) { try $0 + Self.count(of: term, $1) }
    }
    func isFrequent(_ word: String) throws -> Bool {
      if counts[word] == nil { counts[word] = try count(of: word) }
      return (counts[word] ?? 0) * Self.share >= mailCount
    }
    languages = StemmingLanguages(
      try StemmingLanguage.allCases.filter { language in
        guard language.isAvailable, !language.functionWords.isEmpty else { return false }
        return try language.functionWords.count(where: isFrequent) >= Self.words
      })
  }

  /// Mails that tell something.
  package static func mailCount(of parts: [SegmentPart], _ pending: PendingRecords?) -> Int {
    parts.reduce(pending?.filteredCount ?? 0) { $0 + $1.documentCount }
  }

  private static func count(of term: [UInt8], _ part: SegmentPart) throws -> Int {
    guard let entry = try part.entry(of: term) else { return 0 }
    var cursor = try part.postings(of: entry, in: fields)
    return try cursor.count(below: PostingCursor.end)
  }
}
