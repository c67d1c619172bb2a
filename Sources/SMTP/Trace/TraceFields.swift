package import Bytes

/// The header fields that a server puts before a mail it took: `Return-Path` and `Received` (RFC 5321 §4.4).
///
/// They belong to a delivery, not to the stored bytes, and are made from the envelope whenever the mail is read:
///
///     Return-Path: <alice@example.org>
///     Received: from client.example.org ([192.0.2.7])
///     	by mx.example.com with ESMTP id 1042
///     	for <bob@example.com>; Fri, 02 Jan 2026 10:11:12 +0000
package struct TraceFields: Sendable {
  package var reversePath: String
  package var heloName: String
  /// As the socket shows it, without brackets: `192.0.2.7` or `2001:db8::7`.
  package var clientAddress: String
  package var hostName: String
  package var protocolName: String
  package var queueID: String
  /// Given only when the transaction had exactly one recipient: otherwise it would show one recipient to another.
  package var recipient: String?
  package var receivedAt: Timestamp

  package init(
    reversePath: String, heloName: String, clientAddress: String, hostName: String, protocolName: String,
    queueID: String, recipient: String?, receivedAt: Timestamp
  ) {
    self.reversePath = reversePath
    self.heloName = heloName
    self.clientAddress = clientAddress
    self.hostName = hostName
    self.protocolName = protocolName
    self.queueID = queueID
    self.recipient = recipient
    self.receivedAt = receivedAt
  }

  /// Folded, each line with CRLF.
  package var text: String {
    var text = "Return-Path: <\(Self.singleLine(reversePath))>\r\n"
    text += "Received: from \(fromDomain) (\(addressLiteral))\r\n"
    text += "\tby \(hostName) with \(protocolName) id \(queueID)"
    if let recipient { text += "\r\n\tfor <\(Self.singleLine(recipient))>" }
    return text + "; \(InternetDate(receivedAt))\r\n"
  }

  /// The name the client gave itself if it has the form of one; what has not is made harmless, for a parenthesis or
  /// semicolon in it would change the field's meaning.
  private var fromDomain: String {
    let name = Array(heloName.utf8)
    var cursor = ByteCursor(name)
    if PathParser.domainOrLiteral(&cursor) != nil, cursor.isAtEnd { return heloName }
    let safe = name.map { $0.isLetterOrDigit || ".-_:".utf8.contains($0) ? $0 : UInt8(ascii: "?") }
    return safe.isEmpty ? "unknown" : String(decoding: safe, as: UTF8.self)
  }

  private var addressLiteral: String {
    if clientAddress.isEmpty { return "unknown" }
    return clientAddress.utf8.contains(UInt8(ascii: ":")) ? "[IPv6:\(clientAddress)]" : "[\(clientAddress)]"
  }

  /// Addresses come from the path parser, which lets no line ending through; this keeps the promise for any caller.
  private static func singleLine(_ text: String) -> String {
    String(String.UnicodeScalarView(text.unicodeScalars.filter { $0.value >= 32 && $0.value != 127 }))
  }
}
