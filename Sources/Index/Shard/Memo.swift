import Bytes

/// What is made once and then kept. Nobody waits while it is made: two who ask at once make it twice, and one is kept.
final class Memo<Value: Sendable>: Sendable {
  private let value = Locked<Value?>(nil)

  func value(make: () throws -> Value) rethrows -> Value {
    if let known = value.withLock({ $0 }) { return known }
    let made = try make()
    return value.withLock { kept in
      kept = kept ?? made
      return kept ?? made
    }
  }
}
