import Bytes
import MailStore
import Testing

@testable import Mailboxes

/// Does to one mailbox what a model says, and keeps the ids that the door answered.
final class MailboxClient {
  let user: UserID
  private let door: Door
  private var messages: [String: MessageID] = [:]
  private var folders: [String: FolderID] = [:]
  private var searches: [String: SavedSearchID] = [:]
  /// The last number that a write answered.
  private(set) var acknowledged = SequenceNumber.zero

  init(_ user: UserID, _ door: Door) {
    self.user = user
    self.door = door
  }

  func perform(_ operation: MailboxModel.Operation) async throws {
    switch operation {
    case .deliver(let letter):
      if case .stored(let id, let sequence) = try await door.deliver(letter, to: user) {
        messages[letter.subject] = id
        note(sequence)
      }
      if case .named(let name) = letter.destination, folders[name] == nil { try await learnFolders() }
    case .update(let subjects, let update):
      note(try await door.mailboxes.update(user, ids: try ids(subjects), update).sequence)
    case .move(let subjects, let name):
      let update = MessageUpdate(folder: try await folder(name))
      note(try await door.mailboxes.update(user, ids: try ids(subjects), update).sequence)
    case .delete(let subjects, let permanent):
      note(try await door.mailboxes.delete(user, ids: try ids(subjects), permanent: permanent).sequence)
    case .createFolder(let name):
      let (row, sequence) = try await door.mailboxes.createFolder(user, name: name)
      folders[name] = row.id
      note(sequence)
    case .renameFolder(let name, let new):
      let (row, sequence) = try await door.mailboxes.renameFolder(user, try await folder(name), to: new)
      folders[name] = nil
      folders[new] = row.id
      note(sequence)
    case .deleteFolder(let name):
      note(try await door.mailboxes.deleteFolder(user, try await folder(name)))
      folders[name] = nil
    case .forget(let item): try await door.forget(item, of: user)
    case .saveSearch(let name, let query):
      let (search, sequence) = try await door.mailboxes.createSearch(user, name: name, query: query, notifies: true)
      searches[name] = search.id
      note(sequence)
    case .deleteSearch(let name):
      note(try await door.mailboxes.deleteSearch(user, try #require(searches[name])))
    case .look:
      _ = try await door.search("is:unread", user: user)
    case .maintain: door.shard.maintain()
    }
  }

  private func note(_ sequence: SequenceNumber) {
    #expect(sequence >= acknowledged)
    acknowledged = sequence
  }

  private func ids(_ subjects: [String]) throws -> [MessageID] {
    try subjects.map { try #require(messages[$0], "\($0) was never stored") }
  }

  private func folder(_ name: String) async throws -> FolderID {
    if folders[name] == nil { try await learnFolders() }
    return try #require(folders[name], "there is no folder '\(name)'")
  }

  private func learnFolders() async throws {
    for folder in try await door.mailboxes.folders(user) { folders[folder.row.name] = folder.row.id }
  }
}

extension Door {
  /// The mailbox as its rows tell it, with what it knows of the queue items up to a number.
  func model(of user: UserID, items: ClosedRange<UInt64>) throws -> MailboxModel {
    try shard.read(for: user) { reader in
      var model = MailboxModel()
      let folders = Dictionary(
        uniqueKeysWithValues: try reader.folderSummaries(user).map { ($0.row.id, $0.row.name) })
      model.folders = Set(folders.values)
      for docID in try reader.allAttributes(user).map(\.docID) {
        let row = try #require(try reader.row(user, docID))
        let subject = row.summary.subject
        #expect(model.messages[subject] == nil, "\(user) has '\(subject)' twice")
        model.messages[subject] = MailboxModel.Message(
          folder: folders[row.folder] ?? "nowhere", flags: row.flags, labels: row.labels)
      }
      for search in try reader.searches(user, after: nil, limit: 1_000) { model.searches[search.name] = search.query }
      for change in try reader.changes(user, since: .zero, limit: 100_000) where change.kind == .messageMatched {
        guard let docID = change.docID, let row = try reader.row(user, docID) else { continue }
        #expect(model.announced[row.summary.subject] == nil, "\(user) heard of '\(row.summary.subject)' twice")
        model.announced[row.summary.subject] = change.searches.count
      }
      for item in items where try reader.delivered(user, QueueItemID(rawValue: item)) != nil {
        model.delivered.insert(item)
      }
      return model
    }
  }
}
