import Analysis
import Bytes
import Index
import Query

/// Remembers in which languages mailboxes are written: looked at anew only when there are twice as many mails.
final class LanguageMemory: Sendable {
  /// Users that are remembered; over it all are forgotten, and asked again.
  private static let limit = 100_000

  private let known = Locked<[UserID: MailboxLanguages]>([:])

  /// Blocks on reads where they are not known, or there are twice as many mails as when they were told. A search and a standing query
  /// hear the same.
  /// - Throws: `IndexError`; `FileError`.
  func languages(of user: UserID, in index: ShardIndex) throws -> StemmingLanguages {
    let mailCount = index.termDocumentCount(of: user)
    if let known = known.withLock({ $0[user] }), mailCount < 2 * known.mailCount { return known.languages }
    if mailCount < MailboxLanguages.leastMails { return [] }
    let found = try MailboxLanguages(of: index.terms(of: user))
    note(found, of: user)
    return found.languages
  }

  private func note(_ languages: MailboxLanguages, of user: UserID) {
    known.withLock { known in
      // Who looked at an older state may have taken longer.
      if let other = known[user], other.mailCount > languages.mailCount { return }
      if known.count >= Self.limit { known = [:] }
      known[user] = languages
    }
  }
}
