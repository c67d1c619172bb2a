import NIOCore
import SMTP

/// Whether a transaction may begin, by the policy that is in force when it does.
extension SMTPConnectionHandler {
  func resolveSender(_ address: String) -> SMTPSession.Event {
    goBy(shared.policy.value)
    if policy.networks.blocks(client) { return .senderResolved(.networkBlocked) }
    if policy.senders.blocks(address) { return .senderResolved(.blocked) }
    let mayCome = shared.rates.takeMail(from: client.network, limit: limits.mailsPerMinute, now: now)
    return .senderResolved(mayCome ? .accepted : .tooManyOfClient)
  }

  /// Of the event loops' clock, which never goes back.
  var now: Duration { .nanoseconds(channel?.eventLoop.now.uptimeNanoseconds ?? 0) }
}
