import Bytes

/// Who is still served as the queue fills up (docs/queue.md). From `connectionsFrom` on a share of the connections that come is sent
/// away with 421, all of them where the queue is full: servers come again, and some of them to another one. From `mailsFrom` on
/// transactions hear 452 at MAIL, before their content is on the way. The rest is for clients that are trusted, LMTP and
/// accounts, which meet the end of the queue alone: those are few, and some cannot come again.
final class PressureGate: Sendable {
  static let connectionsFrom = 0.9
  static let mailsFrom = 0.98

  private let random: Locked<SplitMix64>

  init(seed: UInt64) { random = Locked(SplitMix64(seed: seed)) }

  /// - Parameter pressure: of `MailReceiver`.
  func refusesConnection(at pressure: Double) -> Bool {
    guard pressure >= Self.connectionsFrom else { return false }
    let share = (pressure - Self.connectionsFrom) / (1 - Self.connectionsFrom)
    return random.withLock { $0.nextFraction() } < share
  }

  /// - Parameter isLast: of a client that is refused last.
  func refusesMail(at pressure: Double, isLast: Bool) -> Bool { pressure >= (isLast ? 1 : Self.mailsFrom) }
}
