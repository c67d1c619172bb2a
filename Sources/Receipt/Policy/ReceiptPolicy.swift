package import SMTP

/// What the operator decides about who may send what to whom, beside the protocol: the section `policy` of the configuration
/// as one value. It changes as a whole, while the server runs (`CurrentPolicy`).
package struct ReceiptPolicy: Sendable {
  package var recipients: RecipientPolicy
  package var senders: SenderPolicy
  package var networks: NetworkPolicy
  package var limits: LimitPolicy
  package var quota: QuotaPolicy
  package var greylisting: GreylistPolicy
  package var blocklists: BlocklistPolicy
  package var hello: ClientRules.HelloRule

  package init(
    recipients: RecipientPolicy = RecipientPolicy(), senders: SenderPolicy = SenderPolicy(),
    networks: NetworkPolicy = NetworkPolicy(), limits: LimitPolicy = LimitPolicy(),
    quota: QuotaPolicy = QuotaPolicy(), greylisting: GreylistPolicy = GreylistPolicy(),
    blocklists: BlocklistPolicy = BlocklistPolicy(), hello: ClientRules.HelloRule = .anything
  ) {
    self.recipients = recipients
    self.senders = senders
    self.networks = networks
    self.limits = limits
    self.quota = quota
    self.greylisting = greylisting
    self.blocklists = blocklists
    self.hello = hello
  }

  /// What it says of a client to the client's session; nothing of one that is trusted.
  func rules(for client: ClientAddress) -> ClientRules {
    if networks.trusts(client) { return ClientRules() }
    return ClientRules(hello: hello, maxUnknownRecipients: limits.maxUnknownRecipients ?? .max)
  }

  /// Those that a client meets.
  func limits(for client: ClientAddress) -> LimitPolicy { networks.trusts(client) ? .none : limits }
}
