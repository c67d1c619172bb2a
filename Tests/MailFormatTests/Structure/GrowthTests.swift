import Foundation
import MailFormat
import Testing

/// Fields whose reading grew with the square of their bytes once. Judged by processor time at two sizes.
struct GrowthTests {
  private func parse(_ text: String) { _ = MailParser().parse(Array(text.utf8)) }

  /// What grew with the square of the field once.
  @Test(arguments: [
    ("To: ", "=?a?b?x"), ("To: ", "a@:"), ("Content-Type: ", "a "), ("Content-Disposition: ", "a "),
  ])
  func `a field grows no faster than its bytes`(start: String, piece: String) {
    let growth = growth { size in
      let body = String(repeating: piece, count: size / piece.utf8.count)
      parse("\(start)\(body)\n\nbody words\n")
    }
    #expect(growth < mostGrowthOfLinearWork)
  }

  @Test func `an address with many colons grows no faster than its bytes`() {
    let growth = growth { size in
      let half = String(repeating: "a", count: size / 2) + "@" + String(repeating: ":", count: size / 2)
      parse("To: \(half)\n\n")
    }
    #expect(growth < mostGrowthOfLinearWork)
  }

  /// Memory is moved so fast that two sizes of this hardly tell; blanks against letters do.
  @Test func `blanks at the start of a text cost about as much as letters`() {
    let times = ["_", "a"].map { piece in
      threadTime { parse("Subject: =?utf-8?Q?\(String(repeating: piece, count: 900_000))a?=\n\n") }
    }
    #expect(times[0] < 20 * times[1])
  }
}

/// How much more processor time the work takes on 8 times the size: about 8 where it is linear, about 64 where it grows
/// with the square. Time of this thread, so that a busy machine does not count.
private func growth(_ work: (_ size: Int) -> Void) -> Double {
  let size = 32 << 10
  work(1 << 10)
  // What is done once whatever the size, and what the clock cannot tell apart, is less than a millisecond.
  return threadTime { work(8 * size) } / max(threadTime { work(size) }, 0.001)
}

/// Nothing linear gets there, nothing quadratic stays below.
private let mostGrowthOfLinearWork = 32.0

private func threadTime(_ work: () -> Void) -> Double {
  (0..<2).map { _ in
    let start = threadSeconds()
    work()
    return threadSeconds() - start
  }.min() ?? 0
}

private func threadSeconds() -> Double {
  var time = timespec()
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
  return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
}
