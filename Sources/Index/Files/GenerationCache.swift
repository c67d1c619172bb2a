import Bytes

/// What was read lately, within a memory budget. Two generations instead of a list by use: what is asked for in the older
/// one moves to the younger, and when the younger is half of the budget it becomes the older, and what was left of that goes.
/// Every call is a look-up or two; nothing is sorted. No lock is held while something is read from disk: two searches may
/// read the same at once, which does no harm.
final class GenerationCache<Key: Hashable & Sendable, Value: Sendable>: Sendable {
  private struct Entry {
    var value: Value
    var byteCount: Int
  }

  private struct State {
    var young: [Key: Entry] = [:]
    var old: [Key: Entry] = [:]
    var youngByteCount = 0
    var oldByteCount = 0
  }

  private let generationByteCount: Int
  private let state = Locked(State())

  init(byteCount budget: Int) { generationByteCount = budget / 2 }

  /// In both generations.
  var byteCount: Int { state.withLock { $0.youngByteCount + $0.oldByteCount } }

  func value(for key: Key) -> Value? {
    state.withLock { state in
      if let entry = state.young[key] { return entry.value }
      guard let entry = state.old.removeValue(forKey: key) else { return nil }
      state.oldByteCount -= entry.byteCount
      insert(key, entry, &state)
      return entry.value
    }
  }

  /// Whether one of so many bytes is kept.
  func keeps(_ byteCount: Int) -> Bool { byteCount <= generationByteCount }

  /// One that would take a whole generation is not kept: it would drive out everything else.
  func insert(_ value: Value, for key: Key, byteCount: Int) {
    state.withLock { insert(key, Entry(value: value, byteCount: byteCount), &$0) }
  }

  /// The value that is kept, or else the one that `make` gives, which is then kept.
  func value(for key: Key, byteCount: (Value) -> Int, make: () throws -> Value) rethrows -> Value {
    if let value = value(for: key) { return value }
    let value = try make()
    insert(value, for: key, byteCount: byteCount(value))
    return value
  }

  private func insert(_ key: Key, _ entry: Entry, _ state: inout State) {
    guard keeps(entry.byteCount) else { return }
    if state.youngByteCount + entry.byteCount > generationByteCount {
      state.old = state.young
      state.oldByteCount = state.youngByteCount
      state.young = [:]
      state.youngByteCount = 0
    }
    if let previous = state.young.updateValue(entry, forKey: key) { state.youngByteCount -= previous.byteCount }
    state.youngByteCount += entry.byteCount
  }
}
