import Bytes
import Testing

@testable import Mailboxes

@Suite struct CompactionPacerTests {
  /// Goes on when somebody sleeps.
  private final class SleepingClock: MonotonicClock {
    let time = Locked(Duration.seconds(3))
    let sleeps = Locked<[Duration]>([])

    func elapsed() -> Duration { time.withLock { $0 } }

    func sleep(_ duration: Duration) {
      time.withLock { $0 += duration }
      sleeps.withLock { $0.append(duration) }
    }
  }

  private struct Stop: Error {}

  private let clock = SleepingClock()

  private func pacer(_ rate: Int) -> CompactionPacer {
    let clock = clock
    return CompactionPacer(bytesPerSecond: rate, clock: clock, sleep: { clock.sleep($0) })
  }

  @Test func `compaction keeps to its rate, but for a quarter of a second's burst`() throws {
    let pacer = pacer(1 << 20)
    for _ in 0..<100 { try pacer.pace(256 << 10) {} }
    let slept = clock.sleeps.withLock { $0.reduce(.zero, +) }
    #expect(abs(slept / .seconds(1) - 24.75) < 0.001)
    #expect(pacer.throttled == slept)
    #expect(clock.sleeps.withLock { $0.allSatisfy { $0 <= .milliseconds(50) } }, "the end of a pause is never far")
  }

  @Test func `without a limit nothing is waited for`() throws {
    let pacer = pacer(0)
    for _ in 0..<10 { try pacer.pace(1 << 40) {} }
    #expect(clock.sleeps.withLock { $0.isEmpty } && pacer.throttled == .zero)
  }

  @Test func `a shard that closes ends the wait`() throws {
    let pacer = pacer(1_000)
    var checks = 0
    #expect(throws: Stop.self) {
      try pacer.pace(1_000_000) {
        checks += 1
        if checks == 3 { throw Stop() }
      }
    }
    #expect(clock.sleeps.withLock { $0.count } == 2)
  }
}
