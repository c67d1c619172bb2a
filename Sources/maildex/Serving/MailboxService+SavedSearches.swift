import Bytes
import HTTPAPI
import MailStore
import Mailboxes

extension MailboxService {
  func savedSearches(after last: SavedSearchID?, limit: Int, of user: UserID) async throws -> [SavedSearch] {
    try await translated { try await mailboxes.savedSearches(user, after: last, limit: limit) }
  }

  func savedSearch(_ id: SavedSearchID, of user: UserID) async throws -> SavedSearch? {
    try await translated { try await mailboxes.savedSearch(user, id: id) }
  }

  func createSearch(
    named name: String, query: String, notifies: Bool, for user: UserID
  ) async throws -> SavedSearchWrite {
    try await translated {
      let (search, sequence) = try await mailboxes.createSearch(user, name: name, query: query, notifies: notifies)
      return SavedSearchWrite(search: search, sequence: sequence)
    }
  }

  func updateSearch(
    _ id: SavedSearchID, _ change: SavedSearchChange, for user: UserID
  ) async throws -> SavedSearchWrite {
    try await translated {
      let update = SavedSearchUpdate(name: change.name, query: change.query, notifies: change.notifies)
      let (search, sequence) = try await mailboxes.updateSearch(user, id, update)
      return SavedSearchWrite(search: search, sequence: sequence)
    }
  }

  func deleteSearch(_ id: SavedSearchID, for user: UserID) async throws -> SequenceNumber {
    try await translated { try await mailboxes.deleteSearch(user, id) }
  }
}
