import Bytes
import NIOCore
import SMTP

/// Whether a transaction may begin, by the policy that is in force when it does.
extension SMTPConnectionHandler {
  func resolveSender(_ address: String) -> SMTPSession.Event? {
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
    guard mayCome else { return .senderResolved(.tooManyOfClient) }
    return resolveListing()
  }

  /// Waits for the lists that were asked when the client connected, if they have not all answered.
  private func resolveListing() -> SMTPSession.Event? {
    guard isStranger, let check = blocklistCheck else { return .senderResolved(.accepted) }
    if let verdict = check.verdict { return .senderResolved(SenderResolution(verdict)) }
    let rest = max(.zero, check.end - now)
    run {
      await check.verdict(within: rest)
    } then: { handler, verdict in
      handler.resume(with: .senderResolved(SenderResolution(verdict)))
    }
    return nil
  }

  /// What becomes of a recipient who is known.
  func admitted(_ resolution: RecipientResolution, at address: String) -> RecipientResolution {
    guard case .accepted(let users, _) = resolution else { return resolution }
    if !fits(users) { return .overQuota }
    return isWelcome(at: address) ? resolution : .greylisted
  }

  /// Whether the client is one of those whom other servers' manners are asked of: a stranger, who comes over the network and to
  /// the door for strangers.
  var isStranger: Bool {
    guard let ip = client.ip, !ip.isLoopback, identity == nil else { return false }
    return shared.session.dialect == .smtp && !shared.session.isSubmission && !policy.networks.trusts(client)
  }

  private func isWelcome(at address: String) -> Bool {
    guard policy.greylisting.isEnabled, isStranger, let greylist = shared.greylist, let ip = client.ip else {
      return true
    }
    return greylist.takes(reversePath ?? "", address, from: ip, by: policy.greylisting)
  }

  /// Nobody's copy is left out silently: where one of an alias' accounts is full, the mail waits for all of them.
  private func fits(_ users: [UserID]) -> Bool {
    guard policy.quota.isThere else { return true }
    return users.allSatisfy { user in
      guard let holding = shared.receiver.holding(of: user) else { return true }
      return policy.quota.allows(holding, declaredByteCount: declaredByteCount)
    }
  }

  /// Whom mails and recipients are counted for: who is known is so wherever it comes from.
  var rateKey: ClientRates.Key? { identity.map { .account($0.user) } ?? client.network.map { .network($0) } }

  /// Of the event loops' clock, which never goes back.
  var now: Duration { .nanoseconds(channel?.eventLoop.now.uptimeNanoseconds ?? 0) }
}

extension SenderResolution {
  fileprivate init(_ verdict: BlocklistVerdict) {
    switch verdict {
    case .clean: self = .accepted
    case .listed(let zones, let reason, let isPermanent):
      self = .listed(zones: zones, reason: reason, isPermanent: isPermanent)
    }
  }
}
