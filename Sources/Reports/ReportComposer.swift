import Bytes
import MailStore
import SMTP

/// Makes the mail that tells of a delivery: `multipart/report` with a text, a `message/delivery-status` and what is returned of the
/// mail (RFC 6522, RFC 3464; RFC 6533 where addresses or header need SMTPUTF8).
///
/// The same report and mail make the same bytes. Nothing that a client said can begin a header field or end a part. A value, to be used
/// from any thread.
package struct ReportComposer: Sendable {
  /// Of any report: room for what is returned, for recipients and for the rest.
  package static let maxByteCount = 128 << 10
  /// Of what may be returned.
  package static let maxReturnedByteCount = 64 << 10

  private let hostname: String
  private let returnedByteCount: Int

  /// - Parameters:
  ///   - hostname: of this server.
  ///   - returnedByteCount: a larger mail is not returned whole; `maxReturnedByteCount` at most.
  package init(hostname: String, returnedByteCount: Int = 50 << 10) {
    self.hostname = SafeText.line(hostname, .ascii, limit: 255)
    self.returnedByteCount = min(max(0, returnedByteCount), Self.maxReturnedByteCount)
  }

  /// - Parameter mail: the bytes that the report is about, as they came.
  package func compose(_ report: DeliveryReport, of mail: [UInt8]) -> ComposedReport {
    let returned = ReturnedMail(
      mail, isWhole: returnsWholeMail(report), needsUTF8: report.envelope.needsUTF8, limit: returnedByteCount)
    let status = DeliveryStatus(report, hostname: hostname)
    let characters: SafeText.Characters = status.isInternational ? .unicode : .ascii
    let wording = ReportWording(action: report.action)
    let text = wording.text(
      hostname: hostname, addresses: status.recipients.map { SafeText.line($0.address, characters) },
      unnamed: report.recipients.count - status.recipients.count,
      explanation: SafeText.line(report.explanation, .ascii, limit: 500), status: "\(report.status)",
      returnsWholeMail: returned.mediaType == "message/rfc822" || returned.mediaType == "message/global")
    let boundary = ReportBoundary.make(for: [Array(text.utf8), Array(status.text.utf8), returned.bytes])
    let messageID = messageID(of: report)
    let is8Bit = returned.is8Bit || status.isInternational
    let recipient = SafeText.line(report.envelope.reversePath, .unicode)
    var bytes = Array(
      header(
        report, to: recipient, subject: wording.subject, messageID: messageID, facts: MailFacts(mail),
        boundary: boundary,
        is8Bit: is8Bit
      ).utf8)
    bytes += part(
      boundary, "text/plain; charset=\(status.isInternational ? "utf-8" : "us-ascii")", is8Bit: status.isInternational,
      Array(text.utf8))
    bytes += part(boundary, status.mediaType, is8Bit: status.isInternational, Array(status.text.utf8))
    bytes += part(boundary, returned.mediaType, is8Bit: returned.is8Bit, returned.bytes)
    bytes += Array("\r\n--\(boundary)--\r\n".utf8)
    return ComposedReport(
      recipient: recipient, messageID: messageID, bytes: bytes,
      needsUTF8: status.isInternational || returned.isInternational || !recipient.isASCII,
      is8Bit: is8Bit || !recipient.isASCII)
  }

  /// RET is about failures alone; of anything else the header is enough (RFC 3461 §4.3). Who did not say gets all.
  private func returnsWholeMail(_ report: DeliveryReport) -> Bool {
    report.action == .failed && !report.returnsHeadersOnly && report.envelope.returnedContent != .headers
  }

  /// Of one mail, action and server always the same, so that a report that is made twice is known for one.
  private func messageID(of report: DeliveryReport) -> String {
    "\(report.item.rawValue).\(report.envelope.receivedAt.rawValue).\(report.action.rawValue)@\(hostname)"
  }

  private func header(
    _ report: DeliveryReport, to recipient: String, subject: String, messageID: String, facts: MailFacts,
    boundary: String, is8Bit: Bool
  ) -> String {
    var fields = [
      "Date: \(InternetDate(report.date))",
      "From: Mail Delivery System <MAILER-DAEMON@\(hostname)>",
      "To: <\(recipient)>",
      "Subject: \(subject)",
      "Message-ID: <\(messageID)>",
    ]
    if let original = facts.messageID {
      fields.append("In-Reply-To: <\(original)>")
      fields.append("References: " + (facts.references + [original]).map { "<\($0)>" }.joined(separator: "\r\n\t"))
    }
    fields += [
      // RFC 3834 §5: of a report it may be said.
      "Auto-Submitted: auto-replied",
      "MIME-Version: 1.0",
      "Content-Type: multipart/report; report-type=delivery-status;\r\n\tboundary=\"\(boundary)\"",
      "Content-Transfer-Encoding: \(is8Bit ? "8bit" : "7bit")",
    ]
    return fields.map { $0 + "\r\n" }.joined() + "\r\n"
  }

  private func part(_ boundary: String, _ mediaType: String, is8Bit: Bool, _ content: [UInt8]) -> [UInt8] {
    let encoding = is8Bit ? "8bit" : "7bit"
    return Array(
      "\r\n--\(boundary)\r\nContent-Type: \(mediaType)\r\nContent-Transfer-Encoding: \(encoding)\r\n\r\n".utf8)
      + content
  }
}
