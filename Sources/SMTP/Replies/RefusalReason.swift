/// Why something was refused, in as many words as metrics can bear: every 4yz and 5yz reply has one of these.
package enum RefusalReason: String, CaseIterable, Sendable {
  // Policy.
  case blockedNetwork = "blocked_network"
  case blockedSender = "blocked_sender"
  case relaying
  case mailRate = "mail_rate"
  case recipientRate = "recipient_rate"
  case harvesting
  /// The network, sender and recipient are new, or came back too soon.
  case greylisted
  /// Of a client that a list names.
  case dnsbl
  /// A login that failed, or is missing.
  case authentication
  /// An account with the address of another.
  case notOwnSender = "not_own_sender"
  // Recipients.
  case unknownRecipient = "unknown_recipient"
  case overQuota = "over_quota"
  case tooManyRecipients = "too_many_recipients"
  case refusedRecipients = "refused_recipients"
  // The mail.
  case tooBig = "too_big"
  case content, loop
  /// By a filter, before it was accepted.
  case filtered
  // The client, or what it says.
  case connections, slowness
  case helloName = "hello_name"
  case commands = "bad_commands"
  // Ourselves.
  case storage, queue, shutdown
  /// A filter could not be asked.
  case unchecked
}

extension SMTPReply {
  /// `nil` for a reply that refuses nothing. What is not in the table is a command that makes no sense.
  package var refusalReason: RefusalReason? {
    guard isRefusal else { return nil }
    if let reason { return reason }
    return status == .messageTooBig ? .tooBig : Self.reasons[self] ?? .commands
  }

  private static let reasons: [SMTPReply: RefusalReason] = [
    unwelcome: .blockedNetwork, networkBlocked: .blockedNetwork, senderBlocked: .blockedSender,
    relayingDenied: .relaying, tooManyMailsOfClient: .mailRate, tooManyRecipientsOfClient: .recipientRate,
    tooManyUnknownRecipients: .harvesting, senderNotOwn: .notOwnSender,
    secureFirst: .authentication, authenticationRequired: .authentication, encryptionRequired: .authentication,
    unknownMechanism: .authentication, authenticationRefused: .authentication,
    authenticationCancelled: .authentication, authenticationMalformed: .authentication,
    authenticationLineTooLong: .authentication, authenticationUnavailable: .authentication,
    tooManyFailedLogins: .authentication,
    greylisted: .greylisted, overQuota: .overQuota, unknownRecipient: .unknownRecipient,
    badRecipient: .unknownRecipient, tooManyRecipients: .tooManyRecipients,
    differentSizeLimit: .tooManyRecipients, tooManyRefusedRecipients: .refusedRecipients,
    bareLineEnding: .content, tooManyHops: .loop,
    tooManyConnections: .connections, tooManyConnectionsOfClient: .connections, idleTooLong: .slowness,
    tooLongForOneMail: .slowness,
    badHelloName: .helloName, unqualifiedHelloName: .helloName,
    tooManyMailsWaiting: .queue, queueFull: .queue, noSpace: .storage, cannotCheck: .unchecked,
    storeUnavailable: .storage, shuttingDown: .shutdown,
  ]
}
