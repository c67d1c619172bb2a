import Analysis
import Bytes
import Index
import Query

/// Remembers in which languages mailboxes are written: looked at anew only when twice as many mails are in segments.
final class LanguageMemory: Sendable {
  /// Users that are remembered; over it all are forgotten, and asked again.
  private static let limit = 100_000

  private let known = Locked<[UserID: MailboxLanguages]>([:])

  /// Blocks on reads where they are not known.
  func languages(of snapshot: UserSnapshot) throws -> StemmingLanguages {
    if let known = known.withLock({ $0[snapshot.user] }) {
      let mails = 2 * known.mailCount
      if try snapshot.attributes.count < mails || snapshot.text().covered.count < mails { return known.languages }
    }
    let found = try MailboxLanguages(of: snapshot)
    // Where too few mails are in segments to tell, it is asked again.
    if found.mailCount >= MailboxLanguages.leastMails { note(found, of: snapshot.user) }
    return found.languages
  }

  private func note(_ languages: MailboxLanguages, of user: UserID) {
    known.withLock { known in
      if known.count >= Self.limit { known = [:] }
      known[user] = languages
    }
  }
}
