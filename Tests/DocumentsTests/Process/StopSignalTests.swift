import Glibc
import Testing

@testable import Documents

struct StopSignalTests {
  @Test func `who waits for it goes on once it is given, and everybody after that`() {
    let signal = StopSignal()
    func isHungUp() -> Bool {
      var waiting = pollfd(fd: signal.descriptor, events: 0, revents: 0)
      return poll(&waiting, 1, 0) == 1
    }
    #expect(!signal.isGiven && !isHungUp())
    signal.give()
    #expect(signal.isGiven && isHungUp() && isHungUp())
    signal.give()
    #expect(signal.isGiven && isHungUp())
  }
}
