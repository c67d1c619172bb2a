import Bytes
import Index
import MailStore
import TestSupport
import Testing

@testable import Mailboxes

/// Everything at once on one shard, above all for the thread sanitizer: the end is what a model says.
@Suite(.timeLimit(.minutes(30))) struct ShardConcurrencyTests {
  private static let users = [Door.alice, Door.bob]
  private static let roundCount = 24
  private static let writersPerUser = 2

  /// One client's work on mails of its own; gives back what its mailbox must then hold of them.
  private static func write(_ door: Door, _ user: UserID, _ writer: Int, seed: UInt64) async throws -> MailboxModel {
    var generator = SeededGenerator(seed: seed)
    var model = MailboxModel()
    let client = MailboxClient(user, door)
    for round in 0..<roundCount {
      let letter = Letter(
        subject: "mail \(writer) \(round)", references: round % 3 == 2 ? ["mail \(writer) \(round - 1)"] : [],
        minute: Int64(round), item: UInt64(1 + writer * roundCount + round))
      let subjects = Array(model.messages.keys.sorted().shuffled(using: &generator).prefix(2))
      let operations: [MailboxModel.Operation] =
        switch Int.random(in: 0..<5, using: &generator) {
        case 0: [.deliver(letter), .deliver(letter)]
        case 1: [.deliver(letter), .update(subjects, MessageUpdate(isRead: true, labels: ["l\(round)"]))]
        case 2: [.deliver(letter), .delete(subjects, permanent: false)]
        case 3: [.deliver(letter), .delete(subjects, permanent: true)]
        default: [.deliver(letter), .move([letter.subject], folder: "Archive")]
        }
      for operation in operations {
        try await client.perform(operation)
        model.apply(operation)
      }
      let found = try await door.search("subject:\"\(letter.subject)\" in:anywhere", user: user)
      #expect(found.total == (model.messages[letter.subject] == nil ? 0 : 1), "\(user) \(letter.subject), seed \(seed)")
    }
    return model
  }

  /// Follows the user's changes until it has seen that number.
  private static func follow(_ door: Door, _ user: UserID, until isDone: @Sendable () -> Bool) async throws {
    var last: UInt64 = 0
    while !isDone() {
      let changes = try await door.mailboxes.changes(
        user, since: SequenceNumber(rawValue: last), limit: 7, timeout: .milliseconds(20))
      for change in changes {
        #expect(change.row.sequence.rawValue == last || change.row.sequence.rawValue == last + 1)
        last = change.row.sequence.rawValue
      }
    }
  }

  @Test(arguments: [1, 2] as [UInt64])
  func `deliveries, updates, searches, changes, rebuilds and flushes at once`(seed: UInt64) async throws {
    try await Door.open(Door.Options(journalFileByteCount: 8 << 10)) { door in
      for user in Self.users { try await door.mailboxes.createMailbox(user) }
      let isDone = Flag()
      let threads = BlockingThreads(name: "upkeep", threads: 3)
      defer { threads.close() }
      let models = try await withThrowingTaskGroup(of: Void.self) { background in
        background.addTask {
          try await threads.run {
            while !isDone.isSet { door.shard.maintain() }
          }
        }
        background.addTask {
          try await threads.run {
            var isFromSource = false
            while !isDone.isSet {
              try door.mailboxes.reindex(
                shard: 0, user: isFromSource ? Door.alice : nil, isFromSource: isFromSource,
                extract: Letter.remade, report: { _ in }, throttle: {})
              isFromSource.toggle()
            }
          }
        }
        background.addTask {
          try await threads.run {
            while !isDone.isSet {
              let problems = try door.mailboxes.verify { _ in }.problems
              #expect(problems == [], "seed \(seed)")
            }
          }
        }
        for user in Self.users {
          background.addTask { try await Self.follow(door, user) { isDone.isSet } }
        }
        let models = try await Self.writeAll(door, seed: seed)
        isDone.set()
        try await background.waitForAll()
        return models
      }
      try await Self.check(door, models, "seed \(seed)")
      try await door.crashed(.dropped) { try await Self.check($0, models, "seed \(seed), opened again") }
    }
  }

  private static func writeAll(_ door: Door, seed: UInt64) async throws -> [UserID: MailboxModel] {
    try await withThrowingTaskGroup(of: (UserID, MailboxModel).self) { group in
      for user in users {
        for writer in 0..<writersPerUser {
          group.addTask { (user, try await write(door, user, writer, seed: seed * 100 + UInt64(writer))) }
        }
      }
      var models: [UserID: MailboxModel] = [:]
      for try await (user, model) in group {
        models[user, default: MailboxModel()].messages.merge(model.messages) { first, _ in first }
        models[user]?.delivered.formUnion(model.delivered)
      }
      return models
    }
  }

  private static func check(_ door: Door, _ models: [UserID: MailboxModel], _ place: String) async throws {
    for user in users {
      #expect(try door.model(of: user, items: 0...1_000) == models[user], "\(place), \(user)")
    }
    try await door.audit(users, place)
  }
}
