import Bytes
import MailStore
import TestSupport
import Testing

/// The machine stops at every step of a journal's life: nothing acknowledged is lost, nothing comes back changed.
@Suite struct JournalCrashTests {
  private struct Life {
    /// Of the last sync that returned, and of the last record appended.
    var acknowledged: UInt64 = 0
    var appended: UInt64 = 0
    var trimmed: UInt64 = 0
  }

  /// Batches of mixed sizes over several files, with a trim on the way.
  private func live(on files: CrashableFileSystem, _ life: inout Life, batches: Int = 9) throws {
    let journal = try JournalFixture.open(files, fileByteCount: 1_024)
    life.acknowledged = max(life.acknowledged, journal.lastSequence.rawValue)
    life.appended = journal.lastSequence.rawValue
    for batch in 0..<batches {
      for index in 0...(batch % 3) {
        try journal.append([Self.record(life.appended + 1, byteCount: batch == 4 ? 1_500 : 90 + 70 * index)])
        life.appended += 1
      }
      try journal.sync()
      life.acknowledged = life.appended
      if batch % 4 == 3 {
        let through = life.acknowledged - 3
        life.trimmed = max(life.trimmed, through)
        try journal.trim(through: SequenceNumber(rawValue: through))
      }
    }
    journal.close()
  }

  private static func record(_ sequence: UInt64, byteCount: Int) -> JournalRecord {
    JournalFixture.record(sequence, byteCount: byteCount)
  }

  private static let stepCount: Int = {
    let files = CrashableFileSystem()
    var life = Life()
    try? JournalCrashTests().live(on: files, &life)
    return files.steps.count
  }()

  @Test(arguments: 0..<stepCount) func `a crash at any step keeps what was acknowledged`(step: Int) throws {
    let outcomes = [CrashOutcome.kept, .dropped] + (0..<6).map { .torn(seed: UInt64(step * 100 + $0)) }
    for outcome in outcomes {
      let files = CrashableFileSystem(CrashPlan(crashAtStep: step))
      var life = Life()
      #expect(throws: (any Error).self) { try live(on: files, &life) }
      let after = files.reopened(outcome)
      try check(after, life, "step \(step), \(outcome)")

      // It goes on from there, and a second crash in mid-recovery changes nothing.
      var second = life
      let again = after.reopened(.kept, plan: CrashPlan(crashAtStep: 2 + step % 5))
      try? live(on: again, &second, batches: 3)
      try check(again.reopened(outcome), second, "step \(step), \(outcome), second crash")
    }
  }

  private func check(_ files: CrashableFileSystem, _ life: Life, _ place: String) throws {
    let journal = try JournalFixture.open(files, fileByteCount: 1_024)
    let last = journal.lastSequence.rawValue
    #expect(last >= life.acknowledged, "\(place)")
    let records = try JournalFixture.replayed(journal, after: SequenceNumber(rawValue: min(life.trimmed, last)))
    #expect(records.map(\.sequence.rawValue) == Array((min(life.trimmed, last) + 1)..<(last + 1)), "\(place)")
    journal.close()
  }

  /// The sync of a batch fails, the process is killed and the next one finds the batch; what it builds on must not vanish
  /// with the power.
  @Test(arguments: [1, 2, 5]) func `a batch whose sync failed is written again before it counts`(batches: Int) throws {
    for seed in [nil] + (UInt64(0)..<20).map(Optional.some) {
      let files = CrashableFileSystem()
      let journal = try JournalFixture.open(files, fileByteCount: 1_024)
      var sequence: UInt64 = 0
      for batch in 1...batches {
        sequence += 1
        try journal.append([Self.record(sequence, byteCount: 100)])
        if batch == batches { files.plan.failure = { $0.kind == .sync ? .failed : nil } }
        try? journal.sync()
      }
      let next = files.reopened(.kept)
      let found = try JournalFixture.open(next, fileByteCount: 1_024).lastSequence
      let outcome = seed.map { CrashOutcome.torn(seed: $0) } ?? .dropped
      let after = try JournalFixture.open(next.reopened(outcome), fileByteCount: 1_024)
      #expect(after.lastSequence == found, "\(outcome)")
      #expect(try JournalFixture.replayed(after).count == Int(found.rawValue), "\(outcome)")
    }
  }

  /// Each sync of a life fails in turn; what the next process finds is durable.
  @Test(arguments: 0..<stepCount) func `what is found after any failed sync stays`(step: Int) throws {
    let files = CrashableFileSystem()
    files.plan.failure = { $0.number == step && $0.kind == .sync ? .failed : nil }
    var life = Life()
    do { try live(on: files, &life) } catch {
      let next = files.reopened(.kept)
      life.acknowledged = try JournalFixture.open(next, fileByteCount: 1_024).lastSequence.rawValue
      for outcome in [CrashOutcome.dropped, .torn(seed: UInt64(step)), .torn(seed: UInt64(step + 1_000))] {
        try check(next.reopened(outcome), life, "failed sync at step \(step), \(outcome)")
      }
    }
  }

  @Test func `a life without a crash ends with every record`() throws {
    let files = CrashableFileSystem()
    var life = Life()
    try live(on: files, &life)
    #expect(life.acknowledged == 18)
    #expect(Self.stepCount > 40)
    try check(files, life, "no crash")
  }
}
