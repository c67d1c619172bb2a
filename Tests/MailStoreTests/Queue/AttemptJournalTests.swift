import Bytes
import TestSupport
import Testing

@testable import MailStore

struct AttemptJournalTests {
  private static let path = "/receive/attempts"

  private func makeDisk() throws -> CrashableFileSystem {
    let disk = CrashableFileSystem()
    try disk.createDirectory("/receive")
    return disk
  }

  private func id(_ number: UInt64) -> QueueItemID { QueueItemID(rawValue: number) }

  private func open(_ disk: CrashableFileSystem, queued: UInt64...) -> AttemptJournal {
    AttemptJournal(fileSystem: disk, path: Self.path, unfinished: queued.map(id))
  }

  @Test func `records have the bytes of their page`() {
    #expect(AttemptRecord(.began, id(0x0102_0304_0506_0708)).bytes.prefix(12) == [8, 7, 6, 5, 4, 3, 2, 1, 1, 0, 0, 0])
    let golden: [UInt8] = [1, 0, 0, 0, 7, 0, 0, 0, 3, 2, 0, 0] + Self.checksum
    #expect(AttemptRecord(.deaths(2), id(7 << 32 | 1)).bytes == golden)
    #expect(AttemptRecord(golden[...]) == AttemptRecord(.deaths(2), id(7 << 32 | 1)))
  }

  /// Of the twelve bytes before it, as docs/formats/attempts.md has them.
  private static let checksum: [UInt8] = [0x5D, 0xBF, 0x05, 0xCD]

  @Test func `what is begun and not ended when the process dies is counted by the next`() throws {
    var disk = try makeDisk()
    let first = open(disk, queued: 1, 2, 3)
    #expect(first.deaths == [:])
    first.begin(id(1))
    first.begin(id(2))
    first.end(id(1))
    disk = disk.reopened(.kept)
    for expected in 1...3 {
      let next = open(disk, queued: 1, 2, 3)
      #expect(next.deaths == [id(2): expected])
      next.begin(id(2))
      disk = disk.reopened(.kept)
    }
  }

  @Test func `what is finished is forgotten, and without anything to say there is no file`() throws {
    var disk = try makeDisk()
    open(disk, queued: 1).begin(id(1))
    #expect(disk.exists(Self.path))
    disk = disk.reopened(.kept)
    #expect(open(disk, queued: 2).deaths == [:])
    #expect(!disk.exists(Self.path))
  }

  @Test func `an end in good order is no death`() throws {
    var disk = try makeDisk()
    let journal = open(disk, queued: 1)
    journal.begin(id(1))
    journal.close()
    journal.begin(id(1))
    disk = disk.reopened(.kept)
    #expect(open(disk, queued: 1).deaths == [:])
  }

  @Test(arguments: [CrashOutcome.kept, .dropped, .torn(seed: 21), .torn(seed: 22)])
  func `the machine may stop at any step of the counting, and no death counts twice`(outcome: CrashOutcome) throws {
    var step = 0
    while true {
      let before = try makeDisk()
      try before.replaceFile(
        Self.path, with: AttemptRecord(.deaths(1), id(1)).bytes + AttemptRecord(.began, id(1)).bytes)
      let disk = before.reopened(.kept, plan: CrashPlan(crashAtStep: step))
      #expect(open(disk, queued: 1).deaths == [id(1): 2])
      let isComplete = !disk.hasCrashed
      #expect(open(disk.reopened(outcome), queued: 1).deaths == [id(1): 2], "crash at step \(step)")
      if isComplete { break }
      step += 1
    }
    #expect(step >= 4)
  }

  @Test func `a disk without room loses notes and nothing else`() throws {
    let disk = try makeDisk()
    disk.plan.failure = { $0.kind == .write ? .noSpace : nil }
    let journal = open(disk, queued: 1)
    journal.begin(id(1))
    journal.end(id(1))
    journal.close()
  }

  @Test func `of a damaged file the records before the damage count, whatever follows`() {
    let records = [AttemptRecord(.deaths(2), id(1)), AttemptRecord(.began, id(2)), AttemptRecord(.began, id(3))]
    let bytes = records.flatMap(\.bytes)
    let whole: [[QueueItemID: Int]] = [[:], [id(1): 2], [id(1): 2, id(2): 1], [id(1): 2, id(2): 1, id(3): 1]]
    for length in 0...bytes.count { #expect(AttemptRecord.deaths(in: Array(bytes[..<length])) == whole[length / 16]) }
    for index in bytes.indices {
      for bit in 0..<8 {
        var damaged = bytes
        damaged[index] ^= 1 << bit
        #expect(AttemptRecord.deaths(in: damaged) == whole[index / 16], "bit \(bit) of byte \(index)")
      }
    }
    var random = SeededGenerator(seed: 23)
    for count in 0..<300 {
      _ = AttemptRecord.deaths(in: (0..<count).map { _ in UInt8.random(in: 0...255, using: &random) })
    }
  }
}
