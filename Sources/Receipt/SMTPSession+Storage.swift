import Bytes
import MailStore
import SMTP

extension SMTPSession.DataRefusal {
  /// A full disk or queue may have room again, and the answer says so. Everything else is "try later" too, a store that
  /// has stopped or closed included, for a mail that was offered is never bounced because of us.
  init(_ error: any Error) {
    switch error {
    case MailRefusal.rejected(let reason): self = .rejected(reason: reason)
    case MailRefusal.unchecked: self = .unchecked
    case let error as StoreError where error.code == .noSpace || error.code == .queueFull: self = .noSpace
    case let error as FileError where error.code == .noSpace: self = .noSpace
    default: self = .storeUnavailable
    }
  }
}

extension InboundEnvelope {
  init(_ envelope: SMTPEnvelope, from clientAddress: String, at time: Timestamp) {
    self.init(
      receivedAt: time, clientAddress: clientAddress, heloName: envelope.heloName,
      protocolName: envelope.protocolName, reversePath: envelope.reversePath,
      recipients: envelope.recipients.map { InboundRecipient($0) }, needsUTF8: envelope.needsUTF8,
      is8Bit: envelope.is8Bit, returnedContent: envelope.notification.returnedContent.map { ReturnedContent($0) },
      envelopeID: envelope.notification.envelopeID)
  }
}

extension InboundEnvelope.ReturnedContent {
  fileprivate init(_ content: MailNotification.ReturnedContent) {
    self =
      switch content {
      case .full: .full
      case .headers: .headers
      }
  }
}

extension InboundRecipient {
  fileprivate init(_ recipient: SMTPRecipient) {
    self.init(
      address: recipient.address, user: recipient.user,
      occasions: recipient.notification.occasions.map { Occasions($0) },
      originalRecipient: recipient.notification.originalRecipient)
  }
}

extension InboundRecipient.Occasions {
  /// One by one: the numbers of one of them are on disk.
  fileprivate init(_ occasions: RecipientNotification.Occasions) {
    self = []
    if occasions.contains(.success) { insert(.success) }
    if occasions.contains(.failure) { insert(.failure) }
    if occasions.contains(.delay) { insert(.delay) }
  }
}
