import Bytes
import Testing

@testable import maildex

@Suite struct ProgressMeterTests {
  private final class StoppedClock: MonotonicClock {
    let time = Locked(Duration.seconds(1_000))

    func elapsed() -> Duration { time.withLock { $0 } }
    func advance(_ duration: Duration) { time.withLock { $0 += duration } }
  }

  private let clock = StoppedClock()

  @Test func `rates and the rest are those since the start`() {
    let meter = ProgressMeter(clock: clock)
    clock.advance(.seconds(10))
    #expect(meter.note(mails: 5_000, bytes: 25_000_000) == "5000 mails, 500 mails/s, 2.5 MB/s")
    #expect(meter.remaining(done: 5_000, total: 15_000) == "20s")
    #expect(meter.remaining(done: 5_000, total: 67_500) == "2m05s")
    #expect(meter.remaining(done: 0, total: 10) == "?")
    #expect(meter.seconds == "10.00")
  }

  @Test func `what was done before the start took no time of it`() {
    let meter = ProgressMeter(clock: clock)
    clock.advance(.seconds(10))
    let note = meter.note(mails: 105_000, bytes: 125_000_000, resumed: (100_000, 100_000_000))
    #expect(note == "105000 mails, 500 mails/s, 2.5 MB/s")
    #expect(meter.remaining(done: 105_000, total: 115_000, resumed: 100_000) == "20s")
    #expect(meter.remaining(done: 100_000, total: 115_000, resumed: 100_000) == "?")
  }

  @Test func `a note comes a few times a second at most`() {
    let meter = ProgressMeter(clock: clock)
    #expect(meter.note(mails: 1, bytes: 1) != nil)
    clock.advance(.milliseconds(99))
    #expect(meter.note(mails: 2, bytes: 2) == nil)
    clock.advance(.milliseconds(1))
    #expect(meter.note(mails: 3, bytes: 3) != nil)
  }
}
