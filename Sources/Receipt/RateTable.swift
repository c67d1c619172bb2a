import Bytes

/// A token bucket for each of many clients, in bounded memory.
///
/// The clients of late are in two generations: who comes is in the young one, and when that is full it becomes the old one,
/// and what was old is forgotten. So a client is remembered while fewer than `capacity` / 2 others come, and one that is
/// forgotten has its bucket full again, as it would have had in a minute anyhow. To be forgotten earlier takes as many
/// networks of one's own.
///
/// Not thread-safe; time is passed in.
struct RateTable<Client: Hashable> {
  private struct Entry {
    let limit: Int
    var bucket: TokenBucket
  }

  private let generationCapacity: Int
  private var young: [Client: Entry] = [:]
  private var old: [Client: Entry] = [:]

  init(capacity: Int) { generationCapacity = max(1, capacity / 2) }

  /// Clients that are remembered; `capacity` at most.
  var count: Int { young.count + old.count }

  /// - Parameters:
  ///   - limit: in a minute. A client for which it is another than before begins anew.
  ///   - now: of a clock that never goes back.
  /// - Returns: false if the client had its share; the attempt then costs it nothing.
  mutating func take(for client: Client, limit: Int, now: Duration) -> Bool {
    var entry = young[client] ?? old.removeValue(forKey: client) ?? Self.new(limit, now)
    if entry.limit != limit { entry = Self.new(limit, now) }
    let isTaken = entry.bucket.takeIfThere(1, now: now)
    if young.count >= generationCapacity, young[client] == nil {
      old = young
      young = [:]
    }
    young[client] = entry
    return isTaken
  }

  private static func new(_ limit: Int, _ now: Duration) -> Entry {
    Entry(limit: limit, bucket: TokenBucket(rate: limit, per: .seconds(60), burst: limit, now: now))
  }
}
