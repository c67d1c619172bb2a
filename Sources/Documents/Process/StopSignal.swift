import Bytes
private import CConfined
import Glibc

/// Tells those who wait for a process, all at once and for good, to wait no longer: a pipe on which nothing is ever written, and
/// which is closed. From any thread.
final class StopSignal: Sendable {
  /// Waited for beside other descriptors: hung up once the signal is given. -1, which poll(2) leaves out, where there was no
  /// pipe to be had.
  let descriptor: Int32
  private let state: Locked<(writeEnd: Int32, isGiven: Bool)>

  init() {
    var ends: [Int32] = [-1, -1]
    if unsafe confined_pipe(&ends) != 0 { ends = [-1, -1] }
    descriptor = ends[0]
    state = Locked((ends[1], false))
  }

  deinit {
    give()
    if descriptor >= 0 { close(descriptor) }
  }

  func give() {
    state.withLock { state in
      if state.writeEnd >= 0 { close(state.writeEnd) }
      state = (-1, true)
    }
  }

  var isGiven: Bool { state.withLock { $0.isGiven } }
}
