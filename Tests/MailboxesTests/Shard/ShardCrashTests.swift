import Bytes
import Foundation
import Index
import MailStore
import TestSupport
import Testing

@testable import Mailboxes

/// The machine stops at the steps of a shard's life. Whatever was acknowledged is there, nothing is there twice, nothing
/// deleted comes back, and rows, index and numbers agree.
///
/// SQLite's file is a real one. A kill leaves it with the last commit; a power loss may take commits from it, down to
/// what the last checkpoint made durable. Both are tried: as it stands, and as it was when the journal was last trimmed.
@Suite struct ShardCrashTests {
  private static let users = [Door.alice, Door.bob]
  private static let operationCount = 30
  private static let options = Door.Options(journalFileByteCount: 2 << 10)

  /// One seed's work, and every state that it goes through.
  private struct Work {
    let operations: [(user: UserID, operation: MailboxModel.Operation)]
    /// Before each operation, and after the last.
    let states: [[UserID: MailboxModel]]

    init(seed: UInt64) {
      var generator = SeededGenerator(seed: seed)
      var models = Dictionary(uniqueKeysWithValues: ShardCrashTests.users.map { ($0, MailboxModel()) })
      var operations: [(UserID, MailboxModel.Operation)] = []
      var states = [models]
      for number in 1...ShardCrashTests.operationCount {
        let user = Int.random(in: 0..<4, using: &generator) == 0 ? Door.bob : Door.alice
        let operation = models[user]!.randomOperation(number, using: &generator)
        models[user]!.apply(operation)
        operations.append((user, operation))
        states.append(models)
      }
      self.operations = operations
      self.states = states
    }
  }

  /// How far a life came before the machine stopped.
  private struct End {
    /// Operations that were answered.
    var answered = 0
    var acknowledged: [UserID: SequenceNumber] = [:]
    var steps: [CrashPlan.Step] = []
  }

  private func live(_ work: Work, _ path: String, _ files: CrashableFileSystem, _ archive: Archive) async throws -> End
  {
    var end = End()
    guard let door = try? Door(path, files, archive, Self.options) else { return end }
    let clients = Dictionary(uniqueKeysWithValues: Self.users.map { ($0, MailboxClient($0, door)) })
    do {
      for user in Self.users { try await door.mailboxes.createMailbox(user) }
      for (user, operation) in work.operations {
        try await clients[user]!.perform(operation)
        // Upkeep swallows its errors: what came after the crash is not answered, whatever it says.
        if files.hasCrashed { break }
        end.answered += 1
      }
    } catch {
      #expect(files.hasCrashed, "\(error)")
    }
    end.acknowledged = clients.mapValues(\.acknowledged)
    end.steps = files.steps
    files.crash()
    door.close()
    return end
  }

  // MARK: The test

  @Test(arguments: 1...4 as ClosedRange<UInt64>)
  func `a crash at any step keeps what was answered, once, in all views`(seed: UInt64) async throws {
    let work = Work(seed: seed)
    let archive = try Archive()
    defer { archive.close() }
    let whole = try await withTemporaryDirectory { path in
      let files = CrashableFileSystem()
      let end = try await live(work, path + "/data", files, archive)
      #expect(end.answered == Self.operationCount, "seed \(seed)")
      return end.steps
    }
    for stop in Self.stops(whole, seed: seed) {
      try await crash(at: stop, of: whole, work, archive, seed: seed)
    }
  }

  /// Each kind of step on each kind of file, and some more by lot.
  private static func stops(_ steps: [CrashPlan.Step], seed: UInt64) -> [Int] {
    var generator = SeededGenerator(seed: seed)
    let kinds = Dictionary(grouping: steps) { step in
      "\(step.kind) \(step.path.split(separator: "/").suffix(2).joined(separator: "/").filter { !$0.isNumber })"
    }
    var stops = Set(kinds.values.compactMap { $0.randomElement(using: &generator)?.number })
    for _ in 0..<10 { stops.insert(Int.random(in: 0..<steps.count, using: &generator)) }
    return stops.sorted()
  }

  private func crash(
    at stop: Int, of whole: [CrashPlan.Step], _ work: Work, _ archive: Archive, seed: UInt64
  ) async throws {
    try await withTemporaryDirectory { root in
      let path = root + "/data"
      let view = path + "/shards/00"
      let copies = SQLiteCopies(of: view, in: root)
      let files = CrashableFileSystem(
        CrashPlan(
          crashAtStep: stop,
          failure: { step in
            if step.kind == .remove && step.path.contains("/journal/") { copies.takeBeforeTrim() }
            return nil
          }))
      let end = try await live(work, path, files, archive)
      try copies.takeNow()
      let outcomes: [(CrashOutcome, SQLiteCopies.Moment)] = [
        (.kept, .now), (.dropped, .beforeTrim),
        (.torn(seed: seed * 1_000 + UInt64(stop)), stop % 2 == 0 ? .now : .beforeTrim),
      ]
      for (outcome, moment) in outcomes {
        let place = "seed \(seed), step \(stop) (\(whole[stop].kind) \(whole[stop].path)), \(outcome), view \(moment)"
        try copies.put(moment)
        try await check(path, files.reopened(outcome), archive, work, end, place)
      }
    }
  }

  private func check(
    _ path: String, _ files: CrashableFileSystem, _ archive: Archive, _ work: Work, _ end: End, _ place: String
  ) async throws {
    // A second crash while the views are brought up changes nothing.
    files.plan.crashAtStep = end.answered % 5
    (try? Door(path, files, archive, Self.options))?.close()
    let door = try Door(path, files.reopened(.kept), archive, Self.options)
    defer { door.close() }

    for user in Self.users { try await door.mailboxes.createMailbox(user) }
    for user in Self.users {
      let found = try door.model(of: user, items: 0...UInt64(Self.operationCount))
      let before = work.states[end.answered][user]!
      let after = work.states[min(end.answered + 1, Self.operationCount)][user]!
      #expect(found == before || found == after, "\(place), \(user)")
      let last = try door.shard.read(for: user) { try $0.lastUserSequence(user) }
      #expect(last >= end.acknowledged[user] ?? .zero, "\(place), \(user)")
    }
    try await door.audit(Self.users, place)

    // What was in doubt is tried again, as its sender does, and work goes on.
    if end.answered < work.operations.count,
      case (let user, .deliver(let letter)) = work.operations[end.answered], letter.item != nil
    {
      _ = try await door.deliver(letter, to: user)
      let found = try door.model(of: user, items: 0...UInt64(Self.operationCount))
      #expect(found == work.states[end.answered + 1][user]!, "\(place), tried again")
    }
    for user in Self.users { try await door.store("after the crash", to: user) }
    #expect(try await door.found("subject:\"after the crash\"").count == 1, "\(place)")
  }
}

/// Copies of a view's files, as a crash may leave them.
private final class SQLiteCopies: Sendable {
  enum Moment { case beforeTrim, now }

  private let directory: String
  private let root: String

  init(of directory: String, in root: String) {
    self.directory = directory
    self.root = root
  }

  /// Called on the writer's thread right before a journal file goes, when a checkpoint has made the view durable.
  func takeBeforeTrim() { try? copy(from: directory, to: root + "/before") }

  /// After the machine stopped and the view was closed.
  func takeNow() throws { try copy(from: directory, to: root + "/now") }

  func put(_ moment: Moment) throws {
    try copy(from: root + (moment == .now ? "/now" : "/before"), to: directory)
  }

  private func copy(from source: String, to target: String) throws {
    let manager = FileManager.default
    try manager.createDirectory(atPath: target, withIntermediateDirectories: true)
    for name in ["mail.sqlite", "mail.sqlite-wal", "mail.sqlite-shm"] {
      try? manager.removeItem(atPath: target + "/" + name)
      // The index of the log is made anew from it.
      guard !name.hasSuffix("-shm"), manager.fileExists(atPath: source + "/" + name) else { continue }
      try manager.copyItem(atPath: source + "/" + name, toPath: target + "/" + name)
    }
  }
}
