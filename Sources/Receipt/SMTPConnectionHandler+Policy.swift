import NIOCore
import SMTP

/// Whether a transaction may begin, by the policy that is in force when it does.
extension SMTPConnectionHandler {
  func resolveSender(_ address: String) -> SMTPSession.Event {
    goBy(shared.policy.value)
    if policy.networks.blocks(client) { return .senderResolved(.networkBlocked) }
    if let identity, shared.authenticator?.mayUse(address, identity, by: policy.recipients) != true {
      return .senderResolved(.notOwn)
    }
    if policy.senders.blocks(address) { return .senderResolved(.blocked) }
    if shared.gate.refusesMail(at: shared.receiver.pressure, isLast: identity != nil || shared.isLast(client)) {
      return .senderResolved(.queueFull)
    }
    let mayCome = shared.rates.takeMail(from: rateKey, limit: limits.mailsPerMinute, now: now)
    return .senderResolved(mayCome ? .accepted : .tooManyOfClient)
  }

  /// Whom mails and recipients are counted for: who is known is so wherever it comes from.
  var rateKey: ClientRates.Key? { identity.map { .account($0.user) } ?? client.network.map { .network($0) } }

  /// Of the event loops' clock, which never goes back.
  var now: Duration { .nanoseconds(channel?.eventLoop.now.uptimeNanoseconds ?? 0) }
}
