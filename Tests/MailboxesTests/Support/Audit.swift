import Bytes
import Index
import MailStore
import Query
import Testing

@testable import Mailboxes

extension Door {
  /// Checks everything that must agree whatever happened before: rows, counters, index, search and change numbers.
  func audit(_ users: [UserID] = [alice, bob], _ place: String = "") async throws {
    for user in users {
      let rows = try shard.read(for: user) { try $0.allAttributes(user) }
      let attributes = try shard.snapshot(of: user).attributes
      #expect(attributes.live.docIDs == rows.map(\.docID), "\(place), \(user): rows and index differ")
      for row in rows {
        #expect(attributes.attributes(of: row.docID) == DocumentAttributes(row), "\(place), \(user) \(row.docID)")
      }
      let counts = try mailboxes.counts(of: user)
      #expect(mailboxes.byteCount(of: user) == counts.byteCount, "\(place), \(user): bytes for the quota")
      try await auditSearch(user, rows, place)
      try await auditChanges(user, place)
    }
    #expect(try mailboxes.verify { _ in }.problems == [], "\(place)")
  }

  private func auditSearch(_ user: UserID, _ rows: [MessageAttributes], _ place: String) async throws {
    let all = try await search("in:anywhere", user: user, limit: 500, highlights: true)
    let newestFirst = rows.sorted { ($1.receivedAt, $1.docID) < ($0.receivedAt, $0.docID) }
    #expect(all.hits.map(\.message.row.docID) == newestFirst.map(\.docID), "\(place), \(user)")
    let unread = try await search("is:unread in:anywhere", user: user)
    #expect(unread.total == rows.count { !$0.flags.contains(.read) }, "\(place), \(user)")
    for hit in all.hits.prefix(6) {
      let subject = hit.message.row.summary.subject
      let same = all.hits.count { " \($0.message.row.summary.subject) ".contains(" \(subject) ") }
      let found = try await search("subject:\"\(subject)\" in:anywhere", user: user)
      #expect(found.total == same, "\(place), \(user): '\(subject)' is found \(found.total ?? -1) times")
    }
  }

  /// The user's numbers leave no gap; a merge of threads may give one number several rows, or none.
  private func auditChanges(_ user: UserID, _ place: String) async throws {
    let numbers = Set(try await changes(user).map(\.sequence.rawValue)).sorted()
    let last = try shard.read(for: user) { try $0.lastUserSequence(user).rawValue }
    #expect(numbers == Array(1..<(last + 1)), "\(place), \(user): numbers of changes")
    #expect(try shard.snapshot(of: user).userSequence.rawValue == last, "\(place), \(user)")
  }
}
