import Bytes
import MailStore
import TestSupport
import Testing

@testable import Mailboxes

/// The machine stops at each step of a missed document's way. Afterwards its text is found and its try is gone, or neither; tries
/// that were begun are counted; and in the end it is read once.
@Suite(.timeLimit(.minutes(20))) struct MissedDocumentsCrashTests {
  private static let options = Door.Options(journalFileByteCount: 2 << 10)

  /// How far it came that was answered.
  private enum Progress: Int, Comparable {
    case nothing, stored, begun, stoppedOnce, begunAgain, read
    static func < (left: Self, right: Self) -> Bool { left.rawValue < right.rawValue }
  }

  private func live(
    _ path: String, _ files: CrashableFileSystem, _ archive: Archive
  ) async throws -> (progress: Progress, stepCount: Int) {
    var progress = Progress.nothing
    guard let door = try? Door(path, files, archive, Self.options) else { return (progress, files.steps.count) }
    do {
      try await work(door) { progress = $0 }
    } catch {
      #expect(files.hasCrashed, "\(error)")
    }
    let count = files.steps.count
    files.crash()
    door.close()
    return (progress, count)
  }

  private func work(_ door: Door, _ note: (Progress) -> Void) async throws {
    try await door.mailboxes.createMailbox(Door.alice)
    try await door.stand("cormorant")
    try await door.store(Door.missing)
    note(.stored)
    door.shard.maintain()
    door.clock.advance(by: Door.aDay)
    var turns = DocumentTurns()
    if let first = try await door.mailboxes.beginDueTry(&turns) {
      note(.begun)
      try await door.mailboxes.takeBack(first)
      note(.stoppedOnce)
    }
    door.shard.maintain()
    if let tried = try await door.mailboxes.beginDueTry(&turns) {
      note(.begunAgain)
      try await door.mailboxes.end(tried, try door.reread(tried), missing: nil)
      if !door.files.hasCrashed { note(.read) }
    }
    door.shard.maintain()
  }

  private func check(_ door: Door, _ progress: Progress, _ place: String) async throws {
    try await door.mailboxes.createMailbox(Door.alice)
    let stored = try await door.found("periwinkle in:anywhere").count
    let read = try await door.found("cormorant in:anywhere").count
    let missed = try await door.missed()
    let hasSearch = try await !door.mailboxes.savedSearches(Door.alice, after: nil, limit: 10).isEmpty
    #expect(stored == 1 || progress < .stored, "\(place)")
    #expect(read == 1 || progress < .read, "\(place)")
    #expect(read + missed.count == stored, "\(place)")
    if progress == .begunAgain, read == 0 { #expect(missed.first?.tries == 1, "\(place)") }
    if stored == 0 { try await door.store(Door.missing) }
    door.clock.advance(by: Door.aDay * 2)
    try await door.readDueDocuments()
    #expect(try await door.found("cormorant periwinkle in:anywhere").count == 1, "\(place)")
    let kinds = try await door.changes().map(\.kind)
    #expect(kinds.count { $0 == .messageAdded } == 1 && kinds.count { $0 == .messageUpdated } == 1, "\(place)")
    #expect(kinds.count { $0 == .messageMatched } == (hasSearch ? 1 : 0), "\(place)")
    #expect(try await door.missed() == [], "\(place)")
    try await door.audit([Door.alice], place)
  }

  @Test func `a crash at any step leaves a document missed or read, and it is read once`() async throws {
    let archive = try Archive()
    defer { archive.close() }
    let (whole, stepCount) = try await withTemporaryDirectory { path in
      try await live(path + "/data", CrashableFileSystem(), archive)
    }
    #expect(whole == .read && stepCount > 20)
    for stop in 0..<stepCount {
      for outcome in [CrashOutcome.kept, .dropped, .torn(seed: UInt64(stop))] {
        try await withTemporaryDirectory { path in
          let files = CrashableFileSystem(CrashPlan(crashAtStep: stop))
          let (progress, _) = try await live(path + "/data", files, archive)
          let door = try Door(path + "/data", files.reopened(outcome), archive, Self.options)
          defer { door.close() }
          try await check(door, progress, "step \(stop), \(outcome), after \(progress)")
        }
      }
    }
  }
}
