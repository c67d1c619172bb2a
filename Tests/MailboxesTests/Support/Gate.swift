import Foundation
import Synchronization

/// Holds a thread where it calls `pass`, until the test opens the gate.
final class Gate: Sendable {
  private let opened = DispatchSemaphore(value: 0)
  private let reached = Flag()

  /// Blocks.
  func pass() {
    reached.set()
    opened.wait()
    opened.signal()
  }

  func open() { opened.signal() }

  func waitUntilReached() async {
    await waitUntil { reached.isSet }
  }
}

/// Set once, seen by every thread.
final class Flag: Sendable {
  private let value = Atomic<Bool>(false)

  var isSet: Bool { value.load(ordering: .acquiring) }
  func set() { value.store(true, ordering: .releasing) }
}

/// Lets other tasks run until the condition holds, or the test's time is over.
func waitUntil(_ condition: () -> Bool) async {
  while !condition() && !Task.isCancelled { await Task.yield() }
}
