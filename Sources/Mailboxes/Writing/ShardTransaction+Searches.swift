import Bytes
import MailStore

extension ShardTransaction {
  static let maxSearches = 5_000
  /// Each may be named by every change that announces a mail, in eight bytes.
  static let maxNotifyingSearches = 1_000

  /// - Parameter query: one that can be understood.
  func createSearch(
    _ name: String, query: String, notifies: Bool, of user: UserID
  ) throws -> (SavedSearch, SequenceNumber) {
    try Self.checkName(name, of: "saved search")
    guard try view.searchCounts(user).all < Self.maxSearches else {
      throw MailboxError(.invalid, "a mailbox holds at most \(Self.maxSearches) saved searches")
    }
    try checkIsFree(name, of: user)
    let search = SavedSearch(
      id: try newSearchID(of: user), name: name, query: query, notifies: notifies, updatedAt: clock.now())
    if notifies { try checkRoom(for: search, of: user, isAnother: true) }
    return (search, try stage(user, [.searchSaved(search)]))
  }

  func updateSearch(
    _ id: SavedSearchID, _ update: SavedSearchUpdate, of user: UserID
  ) throws -> (SavedSearch, SequenceNumber) {
    guard let before = try view.search(user, id) else { throw Self.noSearch }
    var search = update.applied(to: before)
    // By bytes: two that differ in their composition alone are equal as strings.
    let isSame =
      search == before && search.name.utf8.elementsEqual(before.name.utf8)
      && search.query.utf8.elementsEqual(before.query.utf8)
    guard !isSame else { return (search, try view.lastUserSequence(user)) }
    if search.name != before.name {
      try Self.checkName(search.name, of: "saved search")
      try checkIsFree(search.name, of: user)
    }
    if search.notifies { try checkRoom(for: search, of: user, isAnother: !before.notifies) }
    search.updatedAt = clock.now()
    return (search, try stage(user, [.searchSaved(search)]))
  }

  func deleteSearch(_ id: SavedSearchID, of user: UserID) throws -> SequenceNumber {
    guard try view.search(user, id) != nil else { throw Self.noSearch }
    return try stage(user, [.searchRemoved(id)])
  }

  private func newSearchID(of user: UserID) throws -> SavedSearchID {
    var random = SystemRandomNumberGenerator()
    while true {
      let id = SavedSearchID(at: clock.now(), using: &random)
      if try view.search(user, id) == nil { return id }
    }
  }

  private func checkIsFree(_ name: String, of user: UserID) throws {
    guard try view.search(user, named: name) == nil else {
      throw MailboxError(.conflict, "there is a saved search of that name already")
    }
  }

  /// - Parameter isAnother: it announces nothing yet.
  private func checkRoom(for search: SavedSearch, of user: UserID, isAnother: Bool) throws {
    if isAnother, try view.searchCounts(user).notifying >= Self.maxNotifyingSearches {
      throw MailboxError(.invalid, "at most \(Self.maxNotifyingSearches) saved searches of a mailbox announce mail")
    }
    try standing.checkRoom(for: search, of: user, in: view)
  }

  private static let noSearch = MailboxError(.notFound, "no such saved search")
}
