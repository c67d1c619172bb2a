import MailStore
import SMTP

/// The part of a report that programs read: `message/delivery-status` (RFC 3464 §2), or `message/global-delivery-status` where
/// addresses are not ASCII and the sender can take it (RFC 6533 §4).
///
///     Reporting-MTA: dns; mx.example.com
///     Original-Envelope-Id: QQ314159
///     Arrival-Date: Fri, 02 Jan 2026 10:11:12 +0000
///
///     Original-Recipient: rfc822; Bob@example.com
///     Final-Recipient: rfc822; bob@example.com
///     Action: failed
///     Status: 5.1.1
///     Diagnostic-Code: x-maildex; ...
struct DeliveryStatus {
  let mediaType: String
  let text: String
  let isInternational: Bool
  /// Recipients for whom there was room.
  let recipients: [DeliveryReport.Recipient]

  /// Of all groups of recipients together, and of the list of them for people.
  private static let maxRecipientsByteCount = 40 << 10

  init(_ report: DeliveryReport, hostname: String) {
    let isInternational = Self.isInternational(report)
    let characters: SafeText.Characters = isInternational ? .unicode : .ascii
    var text = "Reporting-MTA: dns; \(hostname)\r\n"
    if let id = report.envelope.envelopeID {
      text += "Original-Envelope-Id: \(SafeText.line(id, .ascii, limit: 200))\r\n"
    }
    text += "Arrival-Date: \(InternetDate(report.envelope.receivedAt))\r\n"
    var recipients: [DeliveryReport.Recipient] = []
    var byteCount = 0
    for recipient in report.recipients {
      let group = "\r\n" + Self.group(of: recipient, report, characters)
      byteCount += group.utf8.count + SafeText.line(recipient.address, characters).utf8.count + 8
      if byteCount > Self.maxRecipientsByteCount { break }
      text += group
      recipients.append(recipient)
    }
    self.text = text
    self.isInternational = isInternational
    self.recipients = recipients
    mediaType = isInternational ? "message/global-delivery-status" : "message/delivery-status"
  }

  private static func isInternational(_ report: DeliveryReport) -> Bool {
    guard report.envelope.needsUTF8 else { return false }
    return report.recipients.contains { !$0.address.isASCII || !($0.originalRecipient ?? "").isASCII }
  }

  private static func group(
    of recipient: DeliveryReport.Recipient, _ report: DeliveryReport, _ characters: SafeText.Characters
  ) -> String {
    var text = ""
    if let original = original(recipient, characters) { text += "Original-Recipient: \(original)\r\n" }
    let type = recipient.address.isASCII ? "rfc822" : "utf-8"
    text += "Final-Recipient: \(type); \(SafeText.line(recipient.address, characters))\r\n"
    text += "Action: \(report.action.rawValue)\r\nStatus: \(report.status)\r\n"
    text += "Diagnostic-Code: x-maildex; \(SafeText.line(report.explanation, .ascii, limit: 500))\r\n"
    if let time = report.lastAttempt { text += "Last-Attempt-Date: \(InternetDate(time))\r\n" }
    if report.action == .delayed, let time = report.willRetryUntil {
      text += "Will-Retry-Until: \(InternetDate(time))\r\n"
    }
    return text
  }

  /// - Returns: nil where the sender did not say, or what it said has no type or not the room of a line: half of an address is none.
  private static func original(_ recipient: DeliveryReport.Recipient, _ characters: SafeText.Characters) -> String? {
    guard let said = recipient.originalRecipient, let semicolon = said.firstIndex(of: ";") else { return nil }
    let type = SafeText.line(String(said[..<semicolon]), .ascii)
    let address = SafeText.line(String(said[said.index(after: semicolon)...]), characters, limit: .max)
    guard !type.isEmpty, !address.isEmpty, type.utf8.count + address.utf8.count <= SafeText.maxByteCount else {
      return nil
    }
    return "\(type); \(address)"
  }
}
