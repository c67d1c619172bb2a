import Bytes
import MailStore
import Reports
import SMTP

enum Sample {
  /// Fri, 02 Jan 2026 10:11:12 +0000
  static let receivedAt = Timestamp(rawValue: 1_767_348_672_000)
  static let composer = ReportComposer(hostname: "mx.example.com")

  static func envelope(
    from reversePath: String = "dan@example.net", recipients: [InboundRecipient] = [recipient("bob@example.com")],
    needsUTF8: Bool = false, returning: InboundEnvelope.ReturnedContent? = nil, envelopeID: String? = nil
  ) -> InboundEnvelope {
    InboundEnvelope(
      receivedAt: receivedAt, clientAddress: "192.0.2.1", heloName: "mail.example.net", protocolName: "ESMTP",
      reversePath: reversePath, recipients: recipients, needsUTF8: needsUTF8, is8Bit: false,
      returnedContent: returning, envelopeID: envelopeID)
  }

  static func recipient(
    _ address: String, user: UInt32 = 1, _ occasions: InboundRecipient.Occasions? = nil, original: String? = nil
  ) -> InboundRecipient {
    InboundRecipient(
      address: address, user: UserID(rawValue: user), occasions: occasions, originalRecipient: original)
  }

  static func report(
    _ envelope: InboundEnvelope = envelope(), _ action: DeliveryReport.Action = .failed, lastAttempt: Timestamp? = nil,
    willRetryUntil: Timestamp? = nil, headersOnly: Bool = false
  ) -> DeliveryReport {
    let status: EnhancedStatus =
      switch action {
      case .failed: .unknownRecipient
      case .delayed: EnhancedStatus(4, 0, 0)
      case .delivered: .ok
      }
    return DeliveryReport(
      item: QueueItemID(rawValue: 4_294_967_300), envelope: envelope, action: action, status: status,
      explanation: "there is no such user here any more",
      recipients: envelope.recipients.map {
        DeliveryReport.Recipient(address: $0.address, originalRecipient: $0.originalRecipient)
      }, date: receivedAt, lastAttempt: lastAttempt, willRetryUntil: willRetryUntil, returnsHeadersOnly: headersOnly)
  }

  static let mail = bytes(
    "From: <dan@example.net>\nSubject: periwinkle\nMessage-ID: <original@example.net>\n\nThe text.\n")

  /// With CR LF for LF.
  static func bytes(_ text: String) -> [UInt8] {
    Array(text.replacing("\n", with: "\r\n").utf8)
  }

  static func text(_ report: ComposedReport) -> String { String(decoding: report.bytes, as: UTF8.self) }
}
