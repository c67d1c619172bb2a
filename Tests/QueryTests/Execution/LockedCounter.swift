import Bytes

/// 1, 2, 3 and so on, from any thread.
final class LockedCounter: Sendable {
  private let value = Locked<Int64>(0)

  func next() -> Int64 {
    value.withLock { value in
      value += 1
      return value
    }
  }
}
