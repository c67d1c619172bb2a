import Bytes

/// RCPT, and what its recipients lead to.
extension SMTPSession {
  mutating func rcpt(
    _ address: EnvelopeAddress, _ notification: RecipientNotification, _ actions: inout [Action]
  ) throws(SMTPReply) {
    guard let transaction else {
      guard senderIsRefused, refusedRecipientCount < configuration.maxRefusedRecipients else {
        throw client == nil ? helloFirst : .mailFirst
      }
      return refuseRecipient(.mailFirst, &actions)
    }
    guard !incoming.chunks.hasBegun else { throw .contentBegan }
    if notification != RecipientNotification(), client?.isExtended != true { throw .unknownParameter }
    guard transaction.attemptCount < configuration.maxRecipients else { return reply(.tooManyRecipients, &actions) }
    self.transaction?.attemptCount += 1
    if !(address.isASCII && notification.isASCII), !transaction.needsUTF8 {
      return refuseRecipient(.nonASCIIAddress, &actions)
    }
    if transaction.addresses.contains(address.description) { return acceptRecipient(&actions) }
    phase = .resolving(address.description, notification)
    actions.append(.resolveRecipient(address.description))
  }

  mutating func recipientResolved(_ resolution: RecipientResolution, _ actions: inout [Action]) {
    guard case .resolving(let address, let notification) = phase else { return }
    phase = .command
    switch resolution {
    case .accepted(let users, let ownLimit):
      let sizeLimit = ownLimit.flatMap { $0 < configuration.maxMessageSize ? $0 : nil }
      if let sizeLimit, transaction?.declaredByteCount ?? 0 > UInt64(sizeLimit) {
        return refuseRecipient(.tooBig(limit: sizeLimit), &actions)
      }
      if let delay = reasonForAnotherTransaction(users, sizeLimit) { return reply(delay, &actions) }
      let recipients = users.map { SMTPRecipient(address: address, user: $0, notification: notification) }
      transaction?.add(recipients, at: address, sizeLimit: sizeLimit)
      acceptRecipient(&actions)
    case .unknown: recipientUnknown(&actions)
    // For a while, and nobody's fault who sends to many.
    case .overQuota: reply(.overQuota, &actions)
    case .greylisted: reply(.greylisted, &actions)
    case .foreign: refuseRecipient(.relayingDenied, &actions)
    case .tooManyOfClient: reply(.tooManyRecipientsOfClient, &actions)
    }
  }

  /// Why the client must bring a recipient in another transaction (RFC 5321 §4.5.3.1.10), which is never the first of one.
  ///
  /// What aliases make of few recipients is bounded. And content has one answer for all of them, which must be right for
  /// each: where the client has not said how long it is, all have the same limit.
  private func reasonForAnotherTransaction(_ users: [UserID], _ sizeLimit: Int?) -> SMTPReply? {
    guard let transaction, !transaction.recipients.isEmpty else { return nil }
    if transaction.recipients.count + users.count > configuration.maxDeliveries { return .tooManyRecipients }
    return transaction.declaredByteCount == nil && transaction.maxMessageSize != sizeLimit ? .differentSizeLimit : nil
  }

  private mutating func recipientUnknown(_ actions: inout [Action]) {
    unknownRecipientCount += 1
    refuseRecipient(.unknownRecipient, &actions)
    if unknownRecipientCount >= rules.maxUnknownRecipients { close(.tooManyUnknownRecipients, &actions) }
  }

  private mutating func acceptRecipient(_ actions: inout [Action]) {
    transaction?.acceptedCount += 1
    reply(.recipientOK, &actions)
  }

  private mutating func refuseRecipient(_ refusal: SMTPReply, _ actions: inout [Action]) {
    refusedRecipientCount += 1
    reply(refusal, &actions)
  }
}

extension SMTPSession.Transaction {
  fileprivate mutating func add(_ recipients: [SMTPRecipient], at address: String, sizeLimit: Int?) {
    self.recipients += recipients
    addresses.insert(address)
    if let sizeLimit { maxMessageSize = min(maxMessageSize ?? .max, sizeLimit) }
  }
}
