import Bytes
import MailStore
import Testing

@testable import Mailboxes

extension Door {
  /// Saves a search that announces what it matches, under its own text.
  @discardableResult
  func stand(_ query: String, for user: UserID = alice) async throws -> SavedSearchID {
    try await mailboxes.createSearch(user, name: query, query: query, notifies: true).0.id
  }

  /// What was announced: the mail's subject, and the queries that it matched, in the order of their making.
  func announced(to user: UserID = alice) async throws -> [String: [String]] {
    let names = Dictionary(
      uniqueKeysWithValues: try await mailboxes.savedSearches(user, after: nil, limit: 10_000).map { ($0.id, $0.name) })
    var announced: [String: [String]] = [:]
    for change in try await changes(user) where change.kind == .messageMatched {
      guard let id = change.messageID, let row = try await mailboxes.row(user, id: id) else { continue }
      let subject = row.summary.subject
      #expect(announced[subject] == nil, "'\(subject)' is announced twice")
      announced[subject] = change.searches.map { names[$0] ?? "gone" }
    }
    return announced
  }
}
