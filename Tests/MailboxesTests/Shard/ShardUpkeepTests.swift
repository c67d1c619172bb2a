import Bytes
import Index
import MailStore
import TestSupport
import Testing

@testable import Mailboxes

/// Upkeep of one view when the other, or its own disk, has trouble.
@Suite(.timeLimit(.minutes(30))) struct ShardUpkeepTests {
  private static let smallFiles = Door.Options(journalFileByteCount: 1 << 10)

  private func fill(_ door: Door) async throws -> [String] {
    for number in 1...20 { try await door.store("mail \(number)") }
    let files = try door.journalFiles()
    #expect(files.count > 3)
    return files
  }

  @Test func `after a failed sync of the view the journal stays whole, and the door says that it has stopped`()
    async throws
  {
    try await Door.open(Self.smallFiles) { door in
      let files = try await fill(door)
      #expect(!door.mailboxes.hasStopped)
      door.viewFiles.syncFailure = .failed
      door.shard.maintain()
      #expect(door.mailboxes.hasStopped)
      #expect(try door.journalFiles() == files)
      // Later syncs succeed and save nothing of what the failed one lost.
      door.viewFiles.syncFailure = nil
      try await door.store("after")
      door.shard.maintain()
      #expect(door.mailboxes.hasStopped)
      #expect(try door.journalFiles().starts(with: files))
      #expect(try await door.found("in:anywhere").count == 21)
      try await door.audit([Door.alice], "stopped")

      try await door.crashed(.dropped) { door in
        #expect(!door.mailboxes.hasStopped)
        #expect(try await door.found("in:anywhere").count == 21)
        try await door.audit([Door.alice], "opened again")
        door.shard.maintain()
        #expect(try door.journalFiles().count <= 2)
      }
    }
  }

  @Test func `a sync of the view that may work later puts off the trimming and stops nothing`() async throws {
    try await Door.open(Self.smallFiles) { door in
      let files = try await fill(door)
      door.viewFiles.syncFailure = .noDescriptors
      door.shard.maintain()
      #expect(!door.mailboxes.hasStopped)
      #expect(try door.journalFiles() == files)
      door.viewFiles.syncFailure = nil
      door.shard.maintain()
      #expect(try door.journalFiles().count <= 2)
      try await door.audit([Door.alice])
    }
  }

  enum Trouble: CaseIterable {
    case fullDisk, failedSync
  }

  @Test(arguments: Trouble.allCases)
  func `an index that cannot be written does not keep the view from being durable`(trouble: Trouble) async throws {
    try await Door.open(Self.smallFiles) { door in
      let files = try await fill(door)
      switch trouble {
      case .fullDisk: door.files.plan.byteQuota = 1
      case .failedSync:
        door.files.plan.failure = { $0.kind == .sync && $0.path.contains("/index/") ? .failed : nil }
      }
      let syncs = door.viewFiles.syncCount
      door.shard.maintain()
      #expect(door.shard.index.unflushedByteCount > 0)
      #expect(door.mailboxes.hasStopped == (trouble == .failedSync))
      let view = door.shard.view
      #expect(try view.read { try $0.appliedSequence() } == view.appliedSequence)
      #expect(try view.checkpoint() == view.appliedSequence)
      #expect(door.viewFiles.syncCount > syncs + 1)
      // The index still needs all of it.
      #expect(try door.journalFiles() == files)
      door.files.plan = CrashPlan()
      try await door.crashed(.dropped) { door in
        #expect(try await door.found("in:anywhere").count == 20)
        try await door.audit([Door.alice])
      }
    }
  }

  @Test func `stored originals that stopped are a reason to restart too`() async throws {
    try await Door.open { door in
      try await door.store("one")
      door.archive.files.plan.failure = { $0.kind == .sync ? .failed : nil }
      await #expect(throws: StoreError.self) { try await door.store("two") }
      door.archive.files.plan.failure = nil
      #expect(door.mailboxes.hasStopped)
      #expect(try await door.found("in:anywhere") == ["one"])
    }
  }
}
