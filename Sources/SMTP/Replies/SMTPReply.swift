/// One reply: a code, the enhanced status where RFC 2034 asks for one, and text for people, never taken from the client.
///
/// It is an `Error` too, so that a parser refuses a command by throwing the reply that says why.
package struct SMTPReply: Error, Hashable, Sendable {
  package let code: UInt16
  /// Absent in the greeting, in every answer to EHLO and HELO, and in 3yz replies (RFC 2034 §4).
  package let status: EnhancedStatus?
  package let lines: [String]
  /// Of a reply whose text differs from time to time, so that it is in no table.
  let reason: RefusalReason?

  package init(_ code: UInt16, _ status: EnhancedStatus?, _ lines: [String]) {
    self.init(code, status, lines, because: nil)
  }

  init(_ code: UInt16, _ status: EnhancedStatus?, _ lines: [String], because reason: RefusalReason?) {
    self.code = code
    self.status = status
    self.lines = lines
    self.reason = reason
  }

  init(_ code: UInt16, _ status: EnhancedStatus?, _ text: String) { self.init(code, status, [text]) }

  /// The same reply as an answer to EHLO or HELO, which carries no enhanced status.
  var withoutStatus: SMTPReply { SMTPReply(code, nil, lines) }

  /// True for 4yz and 5yz.
  package var isRefusal: Bool { code >= 400 }

  /// True for the replies after which a server closes the connection (RFC 5321 §3.8, RFC 7504 §3).
  var endsSession: Bool { code == 421 || code == 521 }

  /// The reply as it is sent: `250-` before every line but the last, CRLF after each (RFC 5321 §4.2.1).
  package var wireForm: String {
    var wire = ""
    for (index, line) in lines.enumerated() {
      wire += String(code)
      wire += index + 1 < lines.count ? "-" : " "
      if let status {
        wire += status.description
        wire += " "
      }
      wire += line
      wire += "\r\n"
    }
    return wire
  }
}
