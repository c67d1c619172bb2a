import Bytes
import MailStore
import SMTP

extension SMTPSession.DataRefusal {
  /// A full disk or queue may have room again, and the answer says so. Everything else is "try later" too, a store that
  /// has stopped or closed included, for a mail that was offered is never bounced because of us.
  init(_ error: any Error) {
    switch error {
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
      recipients: envelope.recipients.map { InboundRecipient(address: $0.address, user: $0.user) },
      needsUTF8: envelope.needsUTF8, is8Bit: envelope.is8Bit)
  }
}
