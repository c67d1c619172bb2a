package import Analysis
package import Index

/// Tells in which languages of the Latin script a mailbox is written, by words that stand in most texts of a language: a look at some
/// hundred entries of its dictionaries, no mail is read. Mail that is in no segment yet does not count.
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

  /// - Parameter parts: all of the mailbox's.
  /// - Throws: `IndexError`; `FileError`.
  package init(of parts: [SegmentPart]) throws {
    let mailCount = parts.reduce(0) { $0 + $1.documentCount }
    self.mailCount = mailCount
    guard mailCount >= Self.leastMails else {
      languages = []
      return
    }
    var counts: [String: Int] = [:]
    func isFrequent(_ word: String) throws -> Bool {
      if counts[word] == nil { counts[word] = try parts.reduce(0) { try $0 + Self.count(of: word, $1) } }
      return (counts[word] ?? 0) * Self.share >= mailCount
    }
    languages = StemmingLanguages(
      try StemmingLanguage.allCases.filter { language in
        guard language.isAvailable, !language.functionWords.isEmpty else { return false }
        return try language.functionWords.count(where: isFrequent) >= Self.words
      })
  }

  private static func count(of word: String, _ part: SegmentPart) throws -> Int {
    guard let entry = try part.entry(of: Array(word.utf8)) else { return 0 }
    var cursor = try part.postings(of: entry, in: fields)
    return try cursor.count(below: PostingCursor.end)
  }
}
