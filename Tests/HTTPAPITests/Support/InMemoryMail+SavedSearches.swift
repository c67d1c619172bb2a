import Bytes
import HTTPAPI
import MailStore

extension InMemoryMail {
  func savedSearches(after last: SavedSearchID?, limit: Int, of user: UserID) throws -> [SavedSearch] {
    try with(user) { mailbox in
      Array(mailbox.searches.filter { search in last.map { search.id > $0 } ?? true }.prefix(limit))
    }
  }

  func savedSearch(_ id: SavedSearchID, of user: UserID) throws -> SavedSearch? {
    try with(user) { $0.searches.first { $0.id == id } }
  }

  func createSearch(
    named name: String, query: String, notifies: Bool, for user: UserID
  ) throws -> SavedSearchWrite {
    try with(user) { mailbox in
      try mailbox.check(name: name, query: query)
      let id = SavedSearchID(rawValue: 1_714_555_800_000 << 16 | UInt64(mailbox.searches.count + 1))
      let search = SavedSearch(
        id: id, name: name, query: query, notifies: notifies, updatedAt: Timestamp(rawValue: 1_714_555_800_000))
      mailbox.searches.append(search)
      mailbox.note(.searchUpdated, search)
      return SavedSearchWrite(search: search, sequence: mailbox.sequence)
    }
  }

  func updateSearch(_ id: SavedSearchID, _ change: SavedSearchChange, for user: UserID) throws -> SavedSearchWrite {
    try with(user) { mailbox in
      try mailbox.check(name: change.name, query: change.query)
      guard let index = mailbox.searches.firstIndex(where: { $0.id == id }) else { throw Self.notFound }
      if let name = change.name { mailbox.searches[index].name = name }
      if let query = change.query { mailbox.searches[index].query = query }
      if let notifies = change.notifies { mailbox.searches[index].notifies = notifies }
      mailbox.note(.searchUpdated, mailbox.searches[index])
      return SavedSearchWrite(search: mailbox.searches[index], sequence: mailbox.sequence)
    }
  }

  func deleteSearch(_ id: SavedSearchID, for user: UserID) throws -> SequenceNumber {
    try with(user) { mailbox in
      guard let index = mailbox.searches.firstIndex(where: { $0.id == id }) else { throw Self.notFound }
      mailbox.note(.searchDeleted, mailbox.searches.remove(at: index))
      return mailbox.sequence
    }
  }

  /// As if the message had come just now.
  func announce(_ message: PresentedMessage, to searches: [SavedSearchID]) {
    mailboxes.withLock { $0[message.row.user]?.note(.searchMatched, message, searches: searches) }
  }
}

extension InMemoryMail.Mailbox {
  fileprivate func check(name: String?, query: String?) throws {
    if let query, let open = Array(query.unicodeScalars).firstIndex(of: "(") {
      throw InvalidQuery(message: "The parenthesis is never closed.", position: open, expected: "a closing parenthesis")
    }
    guard !searches.contains(where: { $0.name == name }) else {
      throw MailServiceError(.conflict, "there is a saved search of that name already")
    }
  }

  fileprivate mutating func note(_ kind: MailEvent.Kind, _ search: SavedSearch) {
    events.append(MailEvent(kind: kind, id: search.id.description, folder: nil, threadID: nil, sequence: advance()))
  }
}
