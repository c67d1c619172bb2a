package import Analysis
package import Index

/// Tells in which languages of the Latin script a mailbox is written, by words that stand in most texts of a language: a look at some
/// hundred entries of its dictionaries, and of mail that is in no segment yet at the hashes of its terms; no mail is read.
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

  /// - Throws: `IndexError`; `FileError`.
  package init(of terms: UserTerms) throws {
    let mailCount = terms.documentCount
    self.mailCount = mailCount
    guard mailCount >= Self.leastMails else {
      languages = []
      return
    }
    var counts: [String: Int] = [:]
    func isFrequent(_ word: String) throws -> Bool {
      let count = try counts[word] ?? terms.documentCount(of: Array(word.utf8), in: Self.fields)
      counts[word] = count
      return count * Self.share >= mailCount
    }
    languages = StemmingLanguages(
      try StemmingLanguage.allCases.filter { language in
        guard language.isAvailable, !language.functionWords.isEmpty else { return false }
        return try language.functionWords.count(where: isFrequent) >= Self.words
      })
  }
}
