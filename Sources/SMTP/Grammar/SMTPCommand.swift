/// A command that was understood.
enum SMTPCommand: Equatable, Sendable {
  case ehlo(name: String)
  case helo(name: String)
  /// LMTP's (RFC 2033 §4.1).
  case lhlo(name: String)
  /// `sender` is `nil` for the null reverse path.
  case mail(sender: EnvelopeAddress?, MailParameters)
  case rcpt(EnvelopeAddress, RecipientNotification)
  case data
  /// `byteCount` bytes of content follow the line, clamped to `Int.max` (RFC 3030 §2).
  case bdat(byteCount: Int, isLast: Bool)
  /// What follows the verb. Only where it is offered is it looked at.
  case auth([UInt8])
  case starttls, rset, noop, vrfy, expn, help, quit

  /// The most a line may hold with its CR LF: RFC 5321 §4.5.3.1.4's 512, and what RCPT's extensions add to it: of the
  /// notifications ` NOTIFY=SUCCESS,FAILURE,DELAY` and ` ORCPT=`. MAIL's add less (26 for SIZE, 17 for 8BITMIME, 10 for
  /// SMTPUTF8, 9 for RET and 107 for ENVID).
  static let maxLineByteCount = 512 + 29 + 7 + RecipientNotification.maxOriginalRecipientByteCount
  /// The same where AUTH is offered: it adds 500 to MAIL (RFC 4954 §3), which so may have the most.
  static let maxSubmissionLineByteCount = 512 + 26 + 17 + 10 + 9 + 107 + 500
  /// Of AUTH and of a line of its exchange, with its CR LF (RFC 4954 §4).
  static let maxAuthenticationLineByteCount = 12_288

  /// Understands a line without its CR LF, or throws the reply that refuses it.
  ///
  /// LMTP's hello takes the place of both others, so that a client of the other protocol is noticed (RFC 2033 §4.1),
  /// whatever follows the verb.
  static func parse(_ line: [UInt8], in dialect: SMTPConfiguration.Dialect) throws(SMTPReply) -> SMTPCommand {
    guard line.allSatisfy({ $0 >= 32 && $0 != 127 || $0 == 9 }) else { throw .controlCharacter }
    var cursor = ByteCursor(trimmingTrailingSpace(line))
    let verb = cursor.take { $0 != UInt8(ascii: " ") }.map(\.asciiUppercased)
    switch String(decoding: verb, as: UTF8.self) {
    case "EHLO" where dialect == .smtp: return .ehlo(name: try helloName(&cursor))
    case "HELO" where dialect == .smtp: return .helo(name: try helloName(&cursor))
    case "LHLO" where dialect == .lmtp: return .lhlo(name: try helloName(&cursor))
    case "MAIL": return try mail(&cursor)
    case "RCPT": return try rcpt(&cursor)
    case "DATA": return try withoutArguments(.data, cursor)
    case "BDAT": return try bdat(&cursor)
    case "STARTTLS": return try withoutArguments(.starttls, cursor)
    case "RSET": return try withoutArguments(.rset, cursor)
    case "QUIT": return try withoutArguments(.quit, cursor)
    case "NOOP": return .noop
    case "HELP": return .help
    case "VRFY": return try withArgument(.vrfy, cursor)
    case "EXPN": return .expn
    case "AUTH": return .auth(Array(cursor.rest))
    case "TURN", "ETRN", "SEND", "SOML", "SAML", "BURL": throw .notImplemented
    case "GET", "POST", "PUT", "CONNECT", "OPTIONS": throw .wrongProtocol
    default: throw .unknownCommand
    }
  }

  /// Whether a line, understood or not, is a kind of hello.
  static func isHello(_ line: [UInt8]) -> Bool { ["EHLO", "HELO", "LHLO"].contains(verb(of: line)) }

  /// Whether a line, understood or not, is AUTH with what it takes.
  static func isAuthentication(_ line: [UInt8]) -> Bool { verb(of: line) == "AUTH" }

  /// Whether content follows a line, understood or not.
  static func hasContent(_ line: [UInt8]) -> Bool { verb(of: line) == "BDAT" }

  private static func verb(of line: [UInt8]) -> String {
    String(decoding: line.prefix { $0 > UInt8(ascii: " ") && $0 != 127 }.map(\.asciiUppercased), as: UTF8.self)
  }

  /// RFC 5321 §4.1.1: white space before the CR LF should be tolerated.
  private static func trimmingTrailingSpace(_ line: [UInt8]) -> [UInt8] {
    guard let last = line.lastIndex(where: { $0 != UInt8(ascii: " ") && $0 != 9 }) else { return [] }
    return last + 1 == line.count ? line : Array(line[...last])
  }

  /// Anything printable: names outside the grammar are common, and RFC 5321 §4.1.4 asks not to refuse mail for them.
  /// `TraceFields` makes them safe to write down.
  private static func helloName(_ cursor: inout ByteCursor) throws(SMTPReply) -> String {
    while cursor.skip(" ") {}
    let name = cursor.take { (33...126).contains($0) }
    guard !name.isEmpty, name.count <= PathParser.maxDomainByteCount, cursor.isAtEnd else { throw .badHelloName }
    return String(decoding: name, as: UTF8.self)
  }

  private static func mail(_ cursor: inout ByteCursor) throws(SMTPReply) -> SMTPCommand {
    guard cursor.skip(" "), cursor.skip(keyword: "FROM:") else { throw .mailSyntax }
    guard let sender = PathParser.reversePath(&cursor) else { throw .badSender }
    return .mail(sender: sender, try MailParameters.parse(&cursor))
  }

  private static func rcpt(_ cursor: inout ByteCursor) throws(SMTPReply) -> SMTPCommand {
    guard cursor.skip(" "), cursor.skip(keyword: "TO:") else { throw .rcptSyntax }
    guard let recipient = PathParser.forwardPath(&cursor) else { throw .badRecipient }
    return .rcpt(recipient, try RecipientNotification.parse(&cursor))
  }

  /// `BDAT SP chunk-size [SP "LAST"]`, the size in 1 to 20 digits.
  private static func bdat(_ cursor: inout ByteCursor) throws(SMTPReply) -> SMTPCommand {
    guard cursor.skip(" ") else { throw .bdatSyntax }
    let digits = cursor.take(while: \.isDigit)
    guard (1...20).contains(digits.count) else { throw .bdatSyntax }
    let isLast = cursor.skip(" ") && cursor.skip(keyword: "LAST")
    guard cursor.isAtEnd else { throw .bdatSyntax }
    return .bdat(byteCount: Int(String(decoding: digits, as: UTF8.self)) ?? .max, isLast: isLast)
  }

  private static func withoutArguments(_ command: SMTPCommand, _ cursor: ByteCursor) throws(SMTPReply) -> SMTPCommand {
    guard cursor.isAtEnd else { throw .noArguments }
    return command
  }

  private static func withArgument(_ command: SMTPCommand, _ cursor: ByteCursor) throws(SMTPReply) -> SMTPCommand {
    guard !cursor.isAtEnd else { throw .argumentMissing }
    return command
  }
}
