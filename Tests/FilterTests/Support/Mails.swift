import Bytes
import Filter
import Foundation

/// Mails for filters to look at.
enum Mails {
  static func filtered(_ bytes: [UInt8], user: String? = nil) -> FilteredMail {
    FilteredMail(
      bytes: bytes, reversePath: "alice@example.net", recipients: ["bob@example.com", "carol@example.com"],
      clientAddress: "192.0.2.7", heloName: "mx.example.net", hostName: "mail.example.com", queueID: "17",
      receivedAt: Timestamp(rawValue: 1_750_000_000_000), authenticatedUser: user)
  }

  static let header = """
    From: Alice <alice@example.net>\r
    To: bob@example.com\r
    Subject: The harbour\r
    Date: Mon, 1 Sep 2025 10:00:00 +0000\r
    Message-ID: <1@example.net>\r\n
    """

  static func text(_ text: String, fields: String = "") -> [UInt8] {
    Array("\(header)\(fields)\r\n\(text)\r\n".utf8)
  }

  /// With one attachment in base64.
  static func attachment(_ content: [UInt8], named name: String?, type: String = "application/octet-stream") -> [UInt8]
  {
    let file = name.map { "; filename=\"\($0)\"" } ?? ""
    return Array(
      """
      \(header)MIME-Version: 1.0\r
      Content-Type: multipart/mixed; boundary=b\r
      \r
      --b\r
      Content-Type: text/plain\r
      \r
      See the file.\r
      --b\r
      Content-Type: \(type)\r
      Content-Disposition: attachment\(file)\r
      Content-Transfer-Encoding: base64\r
      \r
      \(Data(content).base64EncodedString(options: .lineLength76Characters))\r
      --b--\r\n
      """.utf8)
  }

  /// The smallest head of a Windows program that is told for one.
  static let program: [UInt8] = {
    var bytes = [UInt8](repeating: 0, count: 512)
    bytes.replaceSubrange(0..<2, with: [0x4D, 0x5A])
    bytes[0x3C] = 0x80
    bytes.replaceSubrange(0x80..<0x84, with: [0x50, 0x45, 0, 0])
    return bytes
  }()
}
