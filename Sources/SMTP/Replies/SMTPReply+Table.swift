/// What the server can say, in one place. The reply codes are RFC 5321 §4.2.3's, the enhanced ones RFC 3463's.
extension SMTPReply {
  static func greeting(_ hostName: String, _ dialect: SMTPConfiguration.Dialect) -> SMTPReply {
    SMTPReply(220, nil, "\(hostName) \(dialect == .lmtp ? "LMTP" : "ESMTP") Maildex")
  }
  static func hello(_ hostName: String) -> SMTPReply { SMTPReply(250, nil, hostName) }

  static func extendedHello(
    _ hostName: String, maxMessageSize: Int, announcesDSN: Bool = false, offersTLS: Bool, mechanisms: [SASLMechanism]
  ) -> SMTPReply {
    var extensions = ["PIPELINING", "SIZE \(maxMessageSize)", "8BITMIME", "SMTPUTF8", "CHUNKING"]
    if announcesDSN { extensions.append("DSN") }
    if offersTLS { extensions.append("STARTTLS") }
    if !mechanisms.isEmpty { extensions.append("AUTH " + mechanisms.map(\.rawValue).joined(separator: " ")) }
    return SMTPReply(250, nil, [hostName] + extensions + ["ENHANCEDSTATUSCODES"])
  }

  static let ok = SMTPReply(250, .ok, "OK")
  static let senderOK = SMTPReply(250, .senderOK, "sender OK")
  static let recipientOK = SMTPReply(250, .recipientOK, "recipient OK")
  static let startData = SMTPReply(354, nil, "send the mail, end with CR LF . CR LF")
  static func queued(as queueID: String) -> SMTPReply { SMTPReply(250, .ok, "queued as \(queueID)") }
  static let chunkOK = SMTPReply(250, .ok, "chunk OK")
  static let cannotVerify = SMTPReply(252, .ok, "cannot say whether the user exists; send the mail to find out")

  static func help(
    _ dialect: SMTPConfiguration.Dialect, offersTLS: Bool, offersAuthentication: Bool
  ) -> SMTPReply {
    let (hello, rfc) = dialect == .lmtp ? ("LHLO", 2033) : ("EHLO HELO", 5321)
    let more = (offersTLS ? "STARTTLS " : "") + (offersAuthentication ? "AUTH " : "")
    return SMTPReply(214, .ok, "\(hello) \(more)MAIL RCPT DATA BDAT RSET NOOP VRFY HELP QUIT; see RFC \(rfc)")
  }

  static let readyForTLS = SMTPReply(220, .ok, "ready for TLS")
  static let bye = SMTPReply(221, .ok, "bye")
  static let authenticated = SMTPReply(235, .authenticated, "authentication succeeded")
  static func challenge(_ bytes: [UInt8]) -> SMTPReply { SMTPReply(334, nil, StrictBase64.encode(bytes)) }

  // MARK: the connection ends

  // These two are greetings.
  package static let tooManyConnections = SMTPReply(421, nil, "too many connections, come back later")
  package static let tooManyConnectionsOfClient = SMTPReply(421, nil, "too many connections from you, come back later")
  /// So is this.
  package static let tooManyMailsWaiting = SMTPReply(421, nil, "too much mail waits here, come back later")
  /// A greeting as well.
  package static let unwelcome = SMTPReply(554, nil, "no mail is taken here from your network")
  static let shuttingDown = SMTPReply(421, .notAcceptingNow, "shutting down, come back later")
  static let idleTooLong = SMTPReply(421, .badConnection, "idle for too long")
  static let tooLongForOneMail = SMTPReply(421, .badConnection, "too long without a mail")
  static let tooManyErrors = SMTPReply(421, .policy, "too many errors")
  static let tooManyCommands = SMTPReply(421, .policy, "too many commands without a mail")
  static let tooManyRefusedRecipients = SMTPReply(421, .policy, "too many refused recipients")
  static let tooManyUnknownRecipients = SMTPReply(421, .policy, "too many unknown recipients")
  static let tooManyFailedLogins = SMTPReply(421, .policy, "too many failed logins, come back later")
  static let wrongProtocol = SMTPReply(421, .policy, "this is SMTP")
  static let bdatSyntax = SMTPReply(521, .invalidArguments, "syntax: BDAT size [LAST]")

  // MARK: the command is wrong

  static let unknownCommand = SMTPReply(500, .syntaxError, "command not recognised")
  static let badLineEnding = SMTPReply(500, .syntaxError, "a line ends with CR LF and holds neither alone")
  static let controlCharacter = SMTPReply(500, .syntaxError, "control character in a command")
  static let lineTooLong = SMTPReply(500, .syntaxError, "line too long")
  static let noArguments = SMTPReply(501, .invalidArguments, "this command takes no argument")
  static let argumentMissing = SMTPReply(501, .invalidArguments, "argument missing")
  static let badHelloName = SMTPReply(501, nil, "a host name or address literal is needed")
  static let unqualifiedHelloName = SMTPReply(550, nil, "a host name with its domain or an address literal is needed")
  static let mailSyntax = SMTPReply(501, .invalidArguments, "syntax: MAIL FROM:<address> [parameters]")
  static let rcptSyntax = SMTPReply(501, .invalidArguments, "syntax: RCPT TO:<address>")
  static let badSender = SMTPReply(501, .badSenderSyntax, "the sender is no address in RFC 5321's form")
  static let badRecipient = SMTPReply(501, .badRecipientSyntax, "the recipient is no address in RFC 5321's form")
  static let badParameter = SMTPReply(501, .invalidArguments, "parameter repeated or with a value out of its range")
  static let unknownParameter = SMTPReply(555, .invalidArguments, "parameter not recognised")
  static let notImplemented = SMTPReply(502, .invalidCommand, "command not implemented")
  static let helloFirst = SMTPReply(503, .invalidCommand, "say EHLO first")
  static let lhloFirst = SMTPReply(503, .invalidCommand, "say LHLO first")
  static let alreadySecured = SMTPReply(503, .invalidCommand, "TLS is in use already")
  static let nestedMail = SMTPReply(503, .invalidCommand, "a mail transaction is open already")
  static let mailFirst = SMTPReply(503, .invalidCommand, "say MAIL first")
  static let contentBegan = SMTPReply(503, .invalidCommand, "the content began with BDAT: go on with it or say RSET")
  static let noValidRecipients = SMTPReply(554, .invalidCommand, "no valid recipients")
  static let lmtpNoValidRecipients = SMTPReply(503, .invalidCommand, "no valid recipients")

  // MARK: who is it? (RFC 4954 §4 and §6)

  static let secureFirst = SMTPReply(530, .securityRefusal, "say STARTTLS first")
  static let authenticationRequired = SMTPReply(530, .securityRefusal, "authentication required")
  static let encryptionRequired = SMTPReply(538, .encryptionNeeded, "say STARTTLS first: encryption required")
  static let authSyntax = SMTPReply(501, .invalidArguments, "syntax: AUTH mechanism [initial-response]")
  static let unknownMechanism = SMTPReply(504, .invalidArguments, "mechanism not offered")
  static let alreadyAuthenticated = SMTPReply(503, .invalidCommand, "authenticated already")
  static let authenticationInMail = SMTPReply(503, .invalidCommand, "not within a mail transaction")
  static let authenticationCancelled = SMTPReply(501, .securityRefusal, "authentication cancelled")
  static let authenticationMalformed = SMTPReply(501, .syntaxError, "not base64, or not what the mechanism expects")
  static let authenticationLineTooLong = SMTPReply(500, .lineOfExchangeTooLong, "line of authentication too long")
  static let authenticationRefused = SMTPReply(535, .badCredentials, "authentication credentials invalid")
  static let authenticationUnavailable = SMTPReply(454, .policy, "temporary authentication failure, try later")
  static let senderNotOwn = SMTPReply(553, .policyRefusal, "that sender's address is none of yours")

  // MARK: the mail is refused

  static let nonASCIIAddress = SMTPReply(553, .nonASCIIAddress, "a non-ASCII address needs MAIL with SMTPUTF8")
  static let senderBlocked = SMTPReply(550, .policyRefusal, "no mail is taken here from that sender")
  static let networkBlocked = SMTPReply(550, .policyRefusal, "no mail is taken here from your network")
  /// - Parameters:
  ///   - zones: of lists in DNS that have the client.
  ///   - reason: printable ASCII, of the first of them.
  static func listed(zones: [String], reason: String?, isPermanent: Bool) -> SMTPReply {
    let text = "your address is listed by \(zones.joined(separator: ", "))" + (reason.map { ": \($0)" } ?? "")
    // RFC 5321 §4.5.3.1.5: a line has 512 octets.
    let line = String(text.prefix(480))
    return isPermanent
      ? SMTPReply(550, .policyRefusal, [line], because: .dnsbl) : SMTPReply(451, .policyDelay, [line], because: .dnsbl)
  }
  static let tooManyMailsOfClient = SMTPReply(451, .policyDelay, "too many mails from you, come back later")
  static let tooManyRecipientsOfClient = SMTPReply(450, .policyDelay, "too many recipients from you, come back later")
  static let greylisted = SMTPReply(451, .policyDelay, "greylisted: you are new here, come back in a while")
  static let unknownRecipient = SMTPReply(550, .unknownRecipient, "no such user here")
  static let relayingDenied = SMTPReply(550, .policyRefusal, "relaying denied: no mail is taken here for that domain")
  static let overQuota = SMTPReply(452, .mailboxFull, "mailbox full, try later")
  static let tooManyRecipients = SMTPReply(452, .tooManyRecipients, "too many recipients")
  static func tooBig(limit: Int) -> SMTPReply { SMTPReply(552, .messageTooBig, "the limit is \(limit) bytes") }
  static let differentSizeLimit = SMTPReply(
    452, .tooManyRecipients, "another size limit counts for this recipient: say SIZE, or send to it in another mail")
  static let bareLineEnding = SMTPReply(554, .badContent, "the mail holds a CR or LF alone")
  static let tooManyHops = SMTPReply(554, .routingLoop, "too many Received fields: the mail goes round in circles")
  static let cannotCheck = SMTPReply(451, .policyDelay, "cannot check the mail now, try later")
  /// - Parameter reason: in a filter's words, of which only printable ASCII is said, and not much of it.
  static func contentRejected(_ reason: String) -> SMTPReply {
    let shown = reason.unicodeScalars.map { (0x20...0x7E).contains($0.value) ? Character($0) : "?" }.prefix(200)
    return SMTPReply(554, .policyRefusal, ["the mail's content is refused: " + String(shown)], because: .filtered)
  }
  static let noSpace = SMTPReply(452, .systemFull, "mail system full, try later")
  static let queueFull = SMTPReply(452, .systemFull, "too much mail waits here, try later")
  static let storeUnavailable = SMTPReply(451, .storeUnavailable, "cannot store the mail now, try later")
}
