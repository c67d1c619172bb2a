import Foundation

/// A value and the lock that guards it, as `Synchronization.Mutex` has it, over the POSIX mutex of `NSLock`.
///
/// The standard library's mutex waits in code that the thread sanitizer does not see, so that all it guards is reported
/// as raced for; pthread's it knows (docs/decisions/locks.md). Not reentrant: `withLock` inside `withLock` never returns.
package final class Locked<Value>: @unchecked Sendable {
  // Sendable because `value` is read and written only while `lock` is held, and nothing of it is shared outside.
  private let lock = NSLock()
  private var value: Value

  package init(_ value: sending Value) { self.value = value }

  /// Runs `body` with the value and with nobody else: others wait, so it must be short, and must not wait itself for
  /// anybody who needs this lock.
  package func withLock<Result, Failure: Error>(
    _ body: (inout sending Value) throws(Failure) -> sending Result
  ) throws(Failure) -> sending Result {
    lock.lock()
    defer { lock.unlock() }
    return try body(&value)
  }
}
