import Bytes
import Index
import MailStore
import TestSupport
import Testing

@testable import Mailboxes

@Suite(.timeLimit(.minutes(30))) struct WritePressureTests {
  private func backlog(runs: Int = 0, bytes: UInt64 = 0) -> CompactionBacklog {
    var backlog = CompactionBacklog()
    backlog.runs = runs
    backlog.byteCount = bytes
    return backlog
  }

  private var pressure: WritePressure {
    var pressure = WritePressure()
    pressure.runs = .init(slowsAt: 100, stopsAt: 200)
    pressure.byteCount = .init(slowsAt: 1_000, stopsAt: 11_000)
    pressure.longestDelay = .seconds(2)
    return pressure
  }

  @Test func `a backlog within its limit delays nothing`() {
    #expect(pressure.delay(for: backlog()) == .zero)
    #expect(pressure.delay(for: backlog(runs: 100, bytes: 1_000)) == .zero)
  }

  @Test func `over the limit the delay grows with the square of the way to the end, which alone stops`() {
    let little = pressure.delay(for: backlog(runs: 110)) ?? .zero
    #expect((Duration.milliseconds(19)...Duration.milliseconds(21)).contains(little))
    #expect(pressure.delay(for: backlog(runs: 150)) == .milliseconds(500))
    #expect(pressure.delay(for: backlog(bytes: 6_000)) == .milliseconds(500))
    #expect(pressure.delay(for: backlog(runs: 110, bytes: 6_000)) == .milliseconds(500), "the worse of them counts")
    #expect(pressure.delay(for: backlog(runs: 199)) ?? .zero > .milliseconds(1_950))
    #expect(pressure.delay(for: backlog(runs: 200)) == nil)
    #expect(pressure.delay(for: backlog(bytes: 11_000)) == nil)
    var last = Duration.zero
    for runs in 101..<200 {
      let delay = pressure.delay(for: backlog(runs: runs)) ?? .zero
      #expect(delay > last)
      last = delay
    }
  }

  @Test func `where compaction cannot work at it, nobody waits for it`() {
    var held = backlog(runs: 5_000)
    held.isHeld = true
    #expect(pressure.delay(for: held) == .zero)
  }

  // MARK: At the door

  /// Slowed from the third run on, stopped at the sixth.
  private func options(_ pauses: Locked<[Duration]>) -> Door.Options {
    var options = Door.Options()
    options.pressure.runs = .init(slowsAt: 2, stopsAt: 6)
    options.pause = { duration in pauses.withLock { $0.append(duration) } }
    return options
  }

  /// Fills runs that no compaction merges: it is not asked to.
  private func addRuns(_ count: Int, _ door: Door) {
    for _ in 0..<count {
      let index = door.shard.index
      let number = UInt32(index.runCount + 1_000)
      let record = EncodedRecord.make(Letter.record(of: Letter(subject: "run").original), Door.analyzers)
      index.apply(
        [.replaceRecord(UserID(rawValue: 99), DocID(rawValue: number), record)],
        shardSequence: door.shard.view.appliedSequence, userSequences: [:])
      try? index.flush()
    }
  }

  @Test func `new mail waits by degrees, is put off at the end with a temporary error, and goes on after compaction`()
    async throws
  {
    let pauses = Locked<[Duration]>([])
    try await Door.open(options(pauses)) { door in
      try await door.store("first")
      #expect(pauses.withLock { $0.isEmpty })
      // Within the door's options nothing is merged before there are eight.
      addRuns(3, door)
      try await door.store("second")
      addRuns(1, door)
      try await door.store("third")
      #expect(pauses.withLock { $0 } == [.milliseconds(62.5), .milliseconds(250)])
      addRuns(2, door)
      let error = await #expect(throws: MailboxError.self) { try await door.store("fourth") }
      #expect(error?.code == .busy)
      _ = try await door.mailboxes.createFolder(Door.alice, name: "other writes go on")
      let statistics = door.mailboxes.serviceStatistics().shards[0]
      #expect(statistics.delayedDeliveries == 2 && statistics.refusedDeliveries == 1)
      #expect(statistics.deliveryWaited == .milliseconds(312.5))
      #expect(statistics.deliveryDelay == .seconds(1))
      addRuns(2, door)
      try door.shard.compact()
      #expect(door.shard.index.runCount == 1)
      try await door.store("fifth")
      #expect(pauses.withLock { $0.count } == 2)
      try await door.audit()
    }
  }
}
