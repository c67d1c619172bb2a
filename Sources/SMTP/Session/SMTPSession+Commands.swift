extension SMTPSession {
  /// What MAIL and RCPT have said since the last mail.
  struct Transaction: Sendable {
    let reversePath: String
    let needsUTF8: Bool
    let is8Bit: Bool
    let notification: MailNotification
    /// `SIZE=`, if it was said.
    let declaredByteCount: UInt64?
    /// The least of the recipients' own, if any has one.
    var maxMessageSize: Int?
    var recipients: [SMTPRecipient] = []
    /// Of `recipients`, so that a repeated RCPT is found without a walk.
    var addresses: Set<String> = []
    /// RCPTs that were answered 250, repeated ones too.
    var acceptedCount = 0
    /// Accepted or not: a flood of unknown recipients ends at the same limit.
    var attemptCount = 0
  }

  mutating func perform(_ line: [UInt8], _ actions: inout [Action]) {
    do throws(SMTPReply) {
      if isTooLong(line) { throw .lineTooLong }
      try perform(SMTPCommand.parse(line, in: configuration.dialect), &actions)
    } catch {
      refuse(line, error, &actions)
    }
  }

  private mutating func perform(_ command: SMTPCommand, _ actions: inout [Action]) throws(SMTPReply) {
    try count(command)
    if let demand = demand(before: command) { throw demand }
    switch command {
    case .ehlo(let name), .lhlo(let name): try hello(Client(name: name, isExtended: true), &actions)
    case .helo(let name): try hello(Client(name: name, isExtended: false), &actions)
    case .mail(let sender, let parameters): try mail(sender, parameters, &actions)
    case .rcpt(let address, let notification): try rcpt(address, notification, &actions)
    case .data: try data(&actions)
    case .bdat(let byteCount, let isLast): beginChunk(byteCount: byteCount, isLast: isLast, &actions)
    case .starttls: try startTLS(&actions)
    case .auth(let arguments): try auth(arguments, &actions)
    case .rset:
      forgetTransaction(&actions)
      reply(.ok, &actions)
    case .noop: replyAtOnce(.ok, &actions)
    case .vrfy: replyAtOnce(.cannotVerify, &actions)
    case .expn: throw .notImplemented
    case .help:
      replyAtOnce(
        .help(configuration.dialect, offersTLS: offersTLS, offersAuthentication: offersAuthentication), &actions)
    case .quit: close(.bye, &actions)
    }
  }

  /// Sense alone is no reason to stay: without a mail, a client may say only so much. Recipients have limits of their own,
  /// and chunks that hold something that of the mail's size.
  private mutating func count(_ command: SMTPCommand) throws(SMTPReply) {
    switch command {
    case .rcpt, .quit: break
    case .bdat(let byteCount, _) where byteCount > 0: break
    default:
      commandCount += 1
      if commandCount > configuration.maxCommands { throw .tooManyCommands }
    }
  }

  /// Ends an open transaction as RSET does; one that is refused changes nothing (RFC 5321 §4.1.4).
  private mutating func hello(_ client: Client, _ actions: inout [Action]) throws(SMTPReply) {
    // What mail programs of people say of themselves is seldom a name (RFC 6409 §4.2).
    if !isLMTP, !configuration.isSubmission { try rules.check(helloName: client.name) }
    self.client = client
    forgetTransaction(&actions)
    let hostName = configuration.hostName
    replyAtOnce(
      client.isExtended
        ? .extendedHello(
          hostName, maxMessageSize: configuration.maxMessageSize,
          // Who speaks LMTP hears of each recipient at once, and tells the sender itself.
          announcesDSN: configuration.announcesDSN && !isLMTP, offersTLS: offersTLS,
          mechanisms: offersAuthentication ? SASLMechanism.allCases : [])
        : .hello(hostName), &actions)
  }

  private mutating func mail(
    _ sender: EnvelopeAddress?, _ parameters: MailParameters, _ actions: inout [Action]
  ) throws(SMTPReply) {
    guard let client else { throw helloFirst }
    guard transaction == nil else { throw .nestedMail }
    guard refusedRecipientCount < configuration.maxRefusedRecipients else { throw .tooManyRefusedRecipients }
    // An extension that was not announced cannot be used.
    if parameters.needsUTF8 || parameters.notification != MailNotification(), !client.isExtended {
      throw .unknownParameter
    }
    if let submitterIsWellFormed = parameters.submitterIsWellFormed {
      guard client.isExtended, offersAuthentication else { throw .unknownParameter }
      guard submitterIsWellFormed else { throw .badParameter }
    }
    if let sender, !sender.isASCII, !parameters.needsUTF8 { throw .nonASCIIAddress }
    if let size = parameters.declaredByteCount, size > UInt64(configuration.maxMessageSize) {
      return refuseSender(.tooBig(limit: configuration.maxMessageSize), &actions)
    }
    senderIsRefused = false
    transaction = Transaction(
      reversePath: sender?.description ?? "", needsUTF8: parameters.needsUTF8, is8Bit: parameters.is8Bit,
      notification: parameters.notification, declaredByteCount: parameters.declaredByteCount)
    phase = .resolvingSender
    actions.append(.resolveSender(transaction?.reversePath ?? ""))
  }

  mutating func senderResolved(_ resolution: SenderResolution, _ actions: inout [Action]) {
    guard phase == .resolvingSender else { return }
    phase = .command
    switch resolution {
    case .accepted: reply(.senderOK, &actions)
    case .blocked: refuseSender(.senderBlocked, &actions)
    case .listed(let zones, let reason, let isPermanent):
      refuseSender(.listed(zones: zones, reason: reason, isPermanent: isPermanent), &actions)
    case .notOwn: refuseSender(.senderNotOwn, &actions)
    case .tooManyOfClient: refuseSender(.tooManyMailsOfClient, &actions)
    case .networkBlocked: refuseSender(.networkBlocked, &actions)
    case .queueFull: refuseSender(.queueFull, &actions)
    }
  }

  private mutating func refuseSender(_ refusal: SMTPReply, _ actions: inout [Action]) {
    forgetTransaction(&actions)
    senderIsRefused = true
    reply(refusal, &actions)
  }

  private mutating func data(_ actions: inout [Action]) throws(SMTPReply) {
    guard let transaction else {
      guard senderIsRefused else { throw client == nil ? helloFirst : .mailFirst }
      senderIsRefused = false
      return replyAtOnce(.mailFirst, &actions)
    }
    guard !incoming.chunks.hasBegun else { throw .contentBegan }
    guard !transaction.recipients.isEmpty else { return replyAtOnce(noValidRecipients, &actions) }
    phase = .data
    incoming.isKept = true
    replyAtOnce(.startData, &actions)
  }

  /// Answers a line, of which the beginning is enough, that made no sense or was one too many; one error too many ends
  /// the session, and so do every 421 and a BDAT that says not how much content follows it: a guess would take content
  /// for commands.
  mutating func refuse(_ line: [UInt8], _ refusal: SMTPReply, _ actions: inout [Action]) {
    // Answers to EHLO and HELO carry no enhanced status, errors included (RFC 2034 §4); the other protocol's are no hello.
    let isHello = SMTPCommand.isHello(line) && refusal != .unknownCommand
    let answer = isHello ? refusal.withoutStatus : refusal
    if answer.endsSession { return close(answer, &actions) }
    if SMTPCommand.hasContent(line) { return close(.bdatSyntax, &actions) }
    replyAtOnce(answer, &actions)
    // A list with a few malformed recipients is no attack: they count as recipients, up to the same limit.
    if refusal == .badRecipient, let count = transaction?.attemptCount, count < configuration.maxRecipients {
      transaction?.attemptCount += 1
      refusedRecipientCount += 1
      return
    }
    errorCount += 1
    if errorCount >= configuration.maxErrors { close(.tooManyErrors, &actions) }
  }

  mutating func replyAtOnce(_ answer: SMTPReply, _ actions: inout [Action]) {
    reply(answer, &actions)
    mustFlush = true
  }
}
