/// Holds down what documents cost that come to nothing. Each takes its time from a store that fills slowly; when it is empty,
/// documents are not read. So whoever sends documents that no reader ends with slows the others' mail by little.
struct LostTime {
  private static let most = Duration.seconds(60)
  /// Of the time that passes.
  private static let share = 0.25
  private static let least = Duration.seconds(1)

  private var level = most
  private var last: Duration

  init(now: Duration) { last = now }

  /// What a document may take now; `nil` where that is too little to begin.
  mutating func limit(_ timeout: Duration, now: Duration) -> Duration? {
    level = min(Self.most, level + (now - last) * Self.share)
    last = now
    return level < Self.least ? nil : min(timeout, level)
  }

  mutating func note(_ lost: Duration) { level = max(.zero, level - lost) }
}
