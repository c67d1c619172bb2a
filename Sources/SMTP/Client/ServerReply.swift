/// What a server answered, as a client sees it (RFC 5321 §4.2).
package struct ServerReply: Equatable, Sendable {
  /// 200 to 599.
  package let code: Int
  /// Without codes; printable ASCII, what was not is a question mark.
  package let lines: [String]

  package init(code: Int, lines: [String]) {
    self.code = code
    self.lines = lines
  }

  package var text: String { "\(code) " + lines.joined(separator: " ") }
}

/// Cuts a server's bytes into replies. Bounded: a server that goes on and on is no server.
package struct ServerReplyDecoder: Sendable {
  package enum Failure: Error, Equatable {
    case malformed, tooLong
  }

  /// Twice what RFC 5321 §4.5.3.1.5 allows.
  static let maxLineByteCount = 1_024
  static let maxLines = 100

  private var line: [UInt8] = []
  private var lines: [String] = []
  private var code: Int?

  package init() {}

  /// Whether nothing of a next reply has come.
  package var isAtStart: Bool { line.isEmpty && lines.isEmpty && code == nil }

  /// - Returns: the replies that are complete now.
  package mutating func decode(_ bytes: [UInt8]) throws(Failure) -> [ServerReply] {
    var replies: [ServerReply] = []
    for byte in bytes {
      guard byte == UInt8(ascii: "\n") else {
        line.append(byte)
        if line.count > Self.maxLineByteCount { throw .tooLong }
        continue
      }
      if line.last == UInt8(ascii: "\r") { line.removeLast() }
      if let reply = try take(line) { replies.append(reply) }
      line = []
    }
    return replies
  }

  private mutating func take(_ line: [UInt8]) throws(Failure) -> ServerReply? {
    let digits = line.prefix(3)
    guard digits.count == 3, digits.allSatisfy(\.isDigit) else { throw .malformed }
    let code = digits.reduce(0) { $0 * 10 + Int($1 - UInt8(ascii: "0")) }
    let mark = line.count > 3 ? line[3] : UInt8(ascii: " ")
    guard (200...599).contains(code), self.code ?? code == code, mark == UInt8(ascii: " ") || mark == UInt8(ascii: "-")
    else { throw .malformed }
    let text = line.dropFirst(4).map { (32...126).contains($0) ? $0 : UInt8(ascii: "?") }
    lines.append(String(decoding: text, as: UTF8.self))
    if lines.count > Self.maxLines { throw .tooLong }
    self.code = code
    guard mark == UInt8(ascii: " ") else { return nil }
    defer { (self.code, lines) = (nil, []) }
    return ServerReply(code: code, lines: lines)
  }
}
