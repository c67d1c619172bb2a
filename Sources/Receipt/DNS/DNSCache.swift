import SMTP

/// Answers for as long as their zones say, in bounded memory: two generations, of which the older is forgotten when the younger is
/// full. Not thread-safe; time is passed in.
struct DNSCache {
  struct Key: Hashable {
    let name: String
    let type: DNSResolver.RecordType
  }

  private struct Entry {
    let message: DNSMessage
    let end: Duration
  }

  /// An address that came off a list is not refused for longer.
  static let maxTime = Duration.seconds(3_600)

  private let generationCapacity: Int
  private var young: [Key: Entry] = [:]
  private var old: [Key: Entry] = [:]

  init(capacity: Int = 20_000) { generationCapacity = max(1, capacity / 2) }

  var count: Int { young.count + old.count }

  func message(for key: Key, now: Duration) -> DNSMessage? {
    guard let entry = young[key] ?? old[key], now < entry.end else { return nil }
    return entry.message
  }

  /// Keeps nothing of an answer that says no time, or none.
  mutating func note(_ message: DNSMessage, for key: Key, now: Duration) {
    let time = min(Self.maxTime, .seconds(Int64(message.timeToLive ?? 0)))
    guard time > .zero else { return }
    if young.count >= generationCapacity, young[key] == nil {
      old = young
      young = [:]
    }
    young[key] = Entry(message: message, end: now + time)
    old[key] = nil
  }
}
