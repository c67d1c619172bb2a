import Bytes

/// How often each of many has failed of late, in bounded memory: a count that loses one in each `forgiveness`.
///
/// Two generations, as `RateTable` has them: who fails is in the young one, and who was in neither for as long as it takes others
/// to fill half of it is forgotten. Keys are hashes with a seed of this process, so that nobody can make his own meet another's.
///
/// Not thread-safe; time is passed in.
struct FailureTable {
  private struct Entry {
    var count: Int
    /// From when on the next one is forgiven.
    var since: Duration
  }

  private let generationCapacity: Int
  private let forgiveness: Duration
  private var young: [Int: Entry] = [:]
  private var old: [Int: Entry] = [:]

  init(capacity: Int, forgiveness: Duration) {
    generationCapacity = max(1, capacity / 2)
    self.forgiveness = forgiveness
  }

  /// Keys that are remembered; `capacity` at most.
  var size: Int { young.count + old.count }

  func count(of key: Int, now: Duration) -> Int { (young[key] ?? old[key]).map { forgiven($0, now).count } ?? 0 }

  mutating func add(to key: Int, now: Duration) {
    var entry = forgiven(young[key] ?? old.removeValue(forKey: key) ?? Entry(count: 0, since: now), now)
    if entry.count == 0 { entry.since = now }
    entry.count += 1
    if young.count >= generationCapacity, young[key] == nil {
      old = young
      young = [:]
    }
    young[key] = entry
  }

  /// It was none after all.
  mutating func takeBack(from key: Int) {
    if let entry = young[key] {
      young[key] = Self.less(entry)
    } else if let entry = old[key] {
      old[key] = Self.less(entry)
    }
  }

  mutating func remove(_ key: Int) {
    young[key] = nil
    old[key] = nil
  }

  private static func less(_ entry: Entry) -> Entry? {
    entry.count > 1 ? Entry(count: entry.count - 1, since: entry.since) : nil
  }

  private func forgiven(_ entry: Entry, _ now: Duration) -> Entry {
    guard now > entry.since else { return entry }
    let periods = Int((now - entry.since) / forgiveness)
    return Entry(count: max(0, entry.count - periods), since: entry.since + forgiveness * periods)
  }
}
