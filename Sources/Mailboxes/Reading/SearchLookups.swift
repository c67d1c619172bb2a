import Bytes

/// Remembers the first failure among the look-ups that a search makes while its query is bound: there a name is known or
/// it is not, and a failure must not pass for a name that nobody has.
final class SearchLookups: Sendable {
  private let failure = Locked<(any Error)?>(nil)

  func result<Value>(_ lookup: () throws -> Value?) -> Value? {
    do {
      return try lookup()
    } catch {
      failure.withLock { $0 = $0 ?? error }
      return nil
    }
  }

  func check() throws {
    if let failure = failure.withLock({ $0 }) { throw failure }
  }
}
