import Foundation

/// Sends mail as a mail server would, and tells the replies.
final class SMTPClient: Sendable {
  private let connection: Connection

  /// Greeted and ready for `MAIL`.
  init(to address: String) throws {
    connection = try Connection(to: address)
    _ = try reply()
    _ = try command("EHLO client.example.net")
  }

  /// One transaction. `mail` is sent as it is, but for the dots that the protocol wants doubled; it ends with CR LF.
  /// - Returns: the first reply that is none of success, else the reply to the mail.
  func send(_ mail: [UInt8], to recipients: [String]) throws -> String {
    for line in ["MAIL FROM:<sender@example.net>"] + recipients.map({ "RCPT TO:<\($0)>" }) {
      let reply = try command(line)
      guard reply.hasPrefix("2") else {
        _ = try command("RSET")
        return reply
      }
    }
    let goAhead = try command("DATA")
    guard goAhead.hasPrefix("3") else { return goAhead }
    try connection.send(Self.stuffed(mail) + Array(".\r\n".utf8))
    return try reply()
  }

  /// - Returns: the last line of the reply.
  func command(_ line: String) throws -> String {
    try connection.send(Array("\(line)\r\n".utf8))
    return try reply()
  }

  func reply() throws -> String {
    while true {
      let line = try connection.receiveLine()
      if line.dropFirst(3).first != "-" { return line }
    }
  }

  /// RFC 5321 §4.5.2.
  private static func stuffed(_ mail: [UInt8]) -> [UInt8] {
    let data = Data(mail)
    var stuffed: [UInt8] = mail.first == UInt8(ascii: ".") ? [UInt8(ascii: ".")] : []
    var start = data.startIndex
    while let lineStart = data.range(of: Data("\r\n.".utf8), in: start..<data.endIndex) {
      stuffed += data[start..<lineStart.upperBound]
      stuffed.append(UInt8(ascii: "."))
      start = lineStart.upperBound
    }
    return stuffed + data[start...]
  }
}
