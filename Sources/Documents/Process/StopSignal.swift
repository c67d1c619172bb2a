import Bytes
private import CConfined
import Glibc

/// Tells those who wait for a process, all at once and for good, to wait no longer: a pipe on which nothing is ever written, and
/// which is closed. From any thread.
final class StopSignal: Sendable {
  /// Waited for beside other descriptors: hung up once the signal is given. -1, which poll(2) leaves out, where there was no
  /// pipe to be had.
  let descriptor: Int32
  private let writeEnd: Locked<Int32>

  init() {
    var ends: [Int32] = [-1, -1]
    if unsafe confined_pipe(&ends) != 0 { ends = [-1, -1] }
    descriptor = ends[0]
    writeEnd = Locked(ends[1])
  }

  deinit {
    give()
    if descriptor >= 0 { close(descriptor) }
  }

  func give() {
    writeEnd.withLock { end in
      if end >= 0 { close(end) }
      end = -1
    }
  }

  var isGiven: Bool { writeEnd.withLock { $0 } < 0 }
}
