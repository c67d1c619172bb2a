import Bytes
import MailStore

/// Decides who must come back, and notes what is to be written. A value: no clock, no file, no lock.
///
///     unknown ── put off ─▶ waiting ── again after `delay`, within `retryWindow` ─▶ passed ── not seen for `memory` ─▶ unknown
///                              ▲ │ too soon, or too late                            │
///                              └─┘                                                  └─ counts for its network, which is
///                                                                                      known after `passesUntilKnown`
///
/// The time of day may go back: who was seen in the future was seen now.
struct GreylistTable {
  enum Verdict: Equatable {
    case accepted
    /// For so long still.
    case putOff(Duration)
  }

  /// What the file does not have yet.
  struct Changes {
    var rows: [GreylistRow.Name: GreylistRow] = [:]
    var removed: Set<GreylistRow.Name> = []

    var isEmpty: Bool { rows.isEmpty && removed.isEmpty }
  }

  /// Rows of each kind. A row takes about 100 bytes.
  static let capacity = 100_000
  /// The time of the last mail is noted so exactly, so that a busy sender is not written anew with each.
  private static let exactness = Duration.seconds(3_600)

  private var waiting: GreylistEntries
  private var passed: GreylistEntries
  private var networks: GreylistEntries
  private(set) var changes = Changes()

  init(capacity: Int = GreylistTable.capacity) {
    waiting = GreylistEntries(.waiting, capacity: capacity)
    passed = GreylistEntries(.passed, capacity: capacity)
    networks = GreylistEntries(.network, capacity: capacity)
  }

  /// Of all kinds; three times the capacity at most.
  var count: Int { waiting.rows.count + passed.rows.count + networks.rows.count }

  mutating func decide(
    _ triplet: GreylistKey, of network: GreylistKey, by policy: GreylistPolicy, now: Timestamp
  ) -> Verdict {
    if let limit = policy.passesUntilKnown, let known = networks[network], known.passes >= limit,
      age(known.lastSeen, now) <= policy.memory
    {
      touch(known, now)
      return .accepted
    }
    if let known = passed[triplet], age(known.lastSeen, now) <= policy.memory {
      touch(known, now)
      return .accepted
    }
    if let row = waiting[triplet], row.firstSeen <= now, age(row.firstSeen, now) <= policy.retryWindow {
      let rest = policy.delay - age(row.firstSeen, now)
      if rest > .zero { return .putOff(rest) }
      pass(triplet, of: network, by: policy, now)
      return .accepted
    }
    set(GreylistRow(waiting.name(triplet), firstSeen: now, lastSeen: now))
    return .putOff(policy.delay)
  }

  private mutating func pass(
    _ triplet: GreylistKey, of network: GreylistKey, by policy: GreylistPolicy, _ now: Timestamp
  ) {
    let firstSeen = waiting.remove(triplet)?.firstSeen ?? now
    note(removed: [waiting.name(triplet)])
    set(GreylistRow(passed.name(triplet), firstSeen: firstSeen, lastSeen: now))
    let known = networks[network].flatMap { age($0.lastSeen, now) <= policy.memory ? $0 : nil }
    set(
      GreylistRow(
        networks.name(network), firstSeen: known?.firstSeen ?? now, lastSeen: now,
        passes: min(known?.passes ?? 0, Int.max - 1) + 1))
  }

  private func age(_ time: Timestamp, _ now: Timestamp) -> Duration {
    let (difference, overflows) = now.rawValue.subtractingReportingOverflow(time.rawValue)
    return .milliseconds(overflows ? (now > time ? Int64.max : 0) : max(0, difference))
  }

  private mutating func touch(_ row: GreylistRow, _ now: Timestamp) {
    guard age(row.lastSeen, now) >= Self.exactness || row.lastSeen > now else { return }
    var row = row
    row.lastSeen = now
    set(row)
  }

  // MARK: - Rows

  private mutating func set(_ row: GreylistRow) {
    note(removed: store(row))
    changes.removed.remove(row.name)
    changes.rows[row.name] = row
  }

  private mutating func store(_ row: GreylistRow) -> [GreylistRow.Name] {
    switch row.name.kind {
    case .waiting: waiting.set(row)
    case .passed: passed.set(row)
    case .network: networks.set(row)
    }
  }

  private mutating func note(removed names: [GreylistRow.Name]) {
    for name in names {
      changes.rows[name] = nil
      changes.removed.insert(name)
    }
  }

  /// What the file has; nothing of it is a change.
  mutating func load(_ rows: [GreylistRow]) {
    for row in rows { note(removed: store(row)) }
  }

  /// Forgets who was not seen for too long.
  mutating func expire(by policy: GreylistPolicy, now: Timestamp) {
    func limit(_ memory: Duration) -> Timestamp {
      Timestamp(rawValue: now.rawValue.subtractingReportingOverflow(memory.components.seconds * 1_000).partialValue)
    }
    note(removed: waiting.removeAll(before: limit(policy.retryWindow)))
    note(removed: passed.removeAll(before: limit(policy.memory)))
    note(removed: networks.removeAll(before: limit(policy.memory)))
  }

  /// - Returns: what is to be written now.
  mutating func takeChanges() -> Changes {
    defer { changes = Changes() }
    return changes
  }
}
