import Bytes
import MailFormat
package import MailStore
import SMTP

/// The fields that a server gives a submitted mail which lacks them (RFC 6409 §8.2 and §8.3). They belong to the delivery, as the
/// trace does, and stand behind it; the bytes of the mail stay as they came, and as they were signed. Made of the queue item alone,
/// so that a mail which is tried again has the same ones.
package struct SubmissionFields: Sendable {
  /// Without angle brackets.
  let messageID: String
  let date: Timestamp

  /// - Returns: nil for mail that was not submitted: nobody has said who wrote it (RFC 5321 §6.4 has others leave it alone).
  init?(_ envelope: InboundEnvelope, _ item: QueueItemID, hostname: String) {
    guard envelope.wasSubmitted else { return nil }
    messageID = "\(envelope.receivedAt.rawValue).\(item.rawValue)@\(hostname)"
    date = envelope.receivedAt
  }
}

extension InboundEnvelope {
  /// By somebody who is known: `ESMTPSA`, `UTF8SMTPSA` (RFC 3848, RFC 6531 §4.3).
  package var wasSubmitted: Bool { protocolName.hasSuffix("A") }
}

extension ParsedMail {
  /// Takes what it has not, even badly written.
  /// - Returns: the fields that were missing, each with CR LF.
  mutating func complete(with fields: SubmissionFields) -> String {
    var text = ""
    if !has("date") {
      date = fields.date
      text += "Date: \(InternetDate(fields.date))\r\n"
    }
    if !has("message-id") {
      messageID = fields.messageID
      text += "Message-ID: <\(fields.messageID)>\r\n"
    }
    return text
  }

  private func has(_ name: String) -> Bool { headers.contains { $0.name.lowercased() == name } }
}
