/// An enhanced status code (RFC 3463): what kind of thing went well or wrong, in a form that programs read.
///
/// The class repeats the reply code's first digit, so the table below and the replies of `SMTPReply+Table.swift` cannot
/// disagree without a test noticing.
package struct EnhancedStatus: Hashable, Sendable, CustomStringConvertible {
  package let severity: UInt8
  package let subject: UInt8
  package let detail: UInt8

  package init(_ severity: UInt8, _ subject: UInt8, _ detail: UInt8) {
    self.severity = severity
    self.subject = subject
    self.detail = detail
  }

  package var description: String { "\(severity).\(subject).\(detail)" }
}

/// Every code that this server says.
extension EnhancedStatus {
  package static let ok = EnhancedStatus(2, 0, 0)
  package static let senderOK = EnhancedStatus(2, 1, 0)
  package static let recipientOK = EnhancedStatus(2, 1, 5)

  package static let authenticated = EnhancedStatus(2, 7, 0)

  package static let mailboxFull = EnhancedStatus(4, 2, 2)
  package static let storeUnavailable = EnhancedStatus(4, 3, 0)
  package static let systemFull = EnhancedStatus(4, 3, 1)
  package static let notAcceptingNow = EnhancedStatus(4, 3, 2)
  package static let badConnection = EnhancedStatus(4, 4, 2)
  package static let tooManyRecipients = EnhancedStatus(4, 5, 3)
  package static let policy = EnhancedStatus(4, 7, 0)
  package static let policyDelay = EnhancedStatus(4, 7, 1)

  package static let unknownRecipient = EnhancedStatus(5, 1, 1)
  package static let badRecipientSyntax = EnhancedStatus(5, 1, 3)
  package static let badSenderSyntax = EnhancedStatus(5, 1, 7)
  package static let messageTooBig = EnhancedStatus(5, 3, 4)
  package static let routingLoop = EnhancedStatus(5, 4, 6)
  package static let invalidCommand = EnhancedStatus(5, 5, 1)
  package static let syntaxError = EnhancedStatus(5, 5, 2)
  package static let invalidArguments = EnhancedStatus(5, 5, 4)
  package static let lineOfExchangeTooLong = EnhancedStatus(5, 5, 6)
  package static let badContent = EnhancedStatus(5, 6, 0)
  package static let nonASCIIAddress = EnhancedStatus(5, 6, 7)
  package static let securityRefusal = EnhancedStatus(5, 7, 0)
  package static let policyRefusal = EnhancedStatus(5, 7, 1)
  package static let badCredentials = EnhancedStatus(5, 7, 8)
  package static let encryptionNeeded = EnhancedStatus(5, 7, 11)
}
