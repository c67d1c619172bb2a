import Bytes
import Index
import MailStore

/// Messages that a replay has moved, marked, labelled or taken into another thread. A record tells what changed, the index takes
/// what a message is like then: the rows know, once the replay is through.
struct ChangedPlaces {
  private var messages: [UserID: Set<DocID>] = [:]
  private var threads: [UserID: Set<ThreadID>] = [:]

  mutating func note(_ record: JournalRecord) {
    for change in record.changes {
      switch change.body {
      case .messageUpdated(let docID, _, _, _): messages[change.user, default: []].insert(docID)
      // The messages may be merged on into another thread; that one is named by a later change.
      case .threadsMerged(_, let thread): threads[change.user, default: []].insert(thread)
      case .mailboxRemoved:
        messages[change.user] = nil
        threads[change.user] = nil
      default: break
      }
    }
  }

  /// - Parameter body: gets what the rows say of each user's messages; of those that are gone, nothing.
  func forEachUser(in view: MetadataView, _ body: ([IndexMutation]) -> Void) throws {
    for user in Set(messages.keys).union(threads.keys).sorted() {
      let attributes = try view.readUncommitted { reader in
        try (messages[user] ?? []).sorted().compactMap { try reader.attributes(user, $0) }
          + (threads[user] ?? []).sorted().flatMap { try reader.attributes(user, $0) }
      }
      body(attributes.map { .setAttributes(user, $0.docID, DocumentAttributes($0)) })
    }
  }
}
