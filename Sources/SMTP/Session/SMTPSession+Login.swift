/// AUTH (RFC 4954), where mail is submitted (RFC 6409): within TLS, before any mail.
///
///     command ── AUTH ──▶ authenticating ⇄ 334
///        ▲                     │ what the mechanism wants to know
///        │ 235, 454            ▼
///        ├──────────────── askingForLogin ── refused ──┐
///        │ 535                                         ▼
///        └───────────────────────────────────── refusingLogin      until `refusalDue`
extension SMTPSession {
  /// The credentials would be anybody's on the way (RFC 4954 §4 asks for it of PLAIN; here it counts for all).
  var offersAuthentication: Bool { configuration.isSubmission && isSecured }

  // MARK: - Who must have said who it is

  /// The reply to a command that mail could not follow yet: RFC 4954 §6 and RFC 3207 §4 list those that may be said before.
  func demand(before command: SMTPCommand) -> SMTPReply? {
    switch command {
    // BDAT's content is read first, whatever becomes of it.
    case .ehlo, .helo, .lhlo, .noop, .rset, .quit, .starttls, .auth, .bdat: nil
    case .mail, .rcpt, .data, .vrfy, .expn, .help: demandForMail
    }
  }

  var demandForMail: SMTPReply? {
    guard configuration.isSubmission, identity == nil else { return nil }
    return isSecured ? .authenticationRequired : .secureFirst
  }

  // MARK: - Lines

  /// With CR LF, of the line that comes next.
  var maxLineByteCount: Int {
    guard configuration.isSubmission else { return SMTPCommand.maxLineByteCount }
    return phase == .authenticating || offersAuthentication
      ? SMTPCommand.maxAuthenticationLineByteCount : SMTPCommand.maxSubmissionLineByteCount
  }

  /// Only AUTH may be as long as its own lines.
  func isTooLong(_ line: [UInt8]) -> Bool {
    offersAuthentication && line.count + 2 > SMTPCommand.maxSubmissionLineByteCount && !isAuthentication(line)
  }

  func isAuthentication(_ line: [UInt8]) -> Bool { offersAuthentication && SMTPCommand.isAuthentication(line) }

  mutating func takeLineOfExchange(_ result: CommandLineDecoder.Result, _ actions: inout [Action]) {
    switch result {
    case .incomplete: break
    case .line(let line): takeLineOfExchange(line, &actions)
    case .bareLineEnding: endExchange(.malformed, .badLineEnding, &actions)
    case .tooLong: endExchange(.malformed, .authenticationLineTooLong, &actions)
    case .endless: close(.tooManyErrors, &actions)
    }
  }

  private mutating func takeLineOfExchange(_ line: [UInt8], _ actions: inout [Action]) {
    if line == Array("*".utf8) { return endExchange(.cancelled, .authenticationCancelled, &actions) }
    guard let response = StrictBase64.decode(line), let step = exchange?.respond(response) else {
      return endExchange(.malformed, .authenticationMalformed, &actions)
    }
    take(step, &actions)
  }

  // MARK: - The exchange

  mutating func auth(_ arguments: [UInt8], _ actions: inout [Action]) throws(SMTPReply) {
    guard configuration.isSubmission else { throw .notImplemented }
    guard isSecured else { throw .encryptionRequired }
    guard client?.isExtended == true else { throw helloFirst }
    guard transaction == nil else { throw .authenticationInMail }
    guard identity == nil else { throw .alreadyAuthenticated }
    var cursor = ByteCursor(arguments)
    guard cursor.skip(" ") else { throw .authSyntax }
    let name = cursor.take { $0 != UInt8(ascii: " ") }
    guard !name.isEmpty, name.count <= Self.maxMechanismByteCount else { throw .authSyntax }
    var initial: [UInt8]?
    if !cursor.isAtEnd {
      guard cursor.skip(" ") else { throw .authSyntax }
      initial = Array(cursor.rest)
    }
    guard let mechanism = SASLMechanism(name: Array(name)) else { throw .unknownMechanism }
    begin(mechanism, initial, &actions)
  }

  /// RFC 4422 §3.1.
  private static let maxMechanismByteCount = 20

  /// - Parameter initial: in base64; `=` for one of no bytes (RFC 4954 §4).
  private mutating func begin(_ mechanism: SASLMechanism, _ initial: [UInt8]?, _ actions: inout [Action]) {
    var exchange = SASLExchange(mechanism)
    var response: [UInt8]?
    if let initial {
      response = initial == [UInt8(ascii: "=")] ? [] : initial.isEmpty ? nil : StrictBase64.decode(initial)
      guard response != nil else {
        self.exchange = exchange
        return endExchange(.malformed, .authenticationMalformed, &actions)
      }
    }
    let step = exchange.begin(response)
    self.exchange = exchange
    take(step, &actions)
  }

  private mutating func take(_ step: SASLExchange.Step, _ actions: inout [Action]) {
    switch step {
    case .challenge(let bytes):
      phase = .authenticating
      replyAtOnce(.challenge(bytes), &actions)
    case .request(let request):
      phase = .askingForLogin
      actions.append(.authenticate(request))
    case .accepted(let identity): accept(identity, &actions)
    case .refused: refuseLogin(&actions)
    case .malformed: endExchange(.malformed, .authenticationMalformed, &actions)
    }
  }

  mutating func authenticationAnswered(_ answer: SASLAnswer, _ actions: inout [Action]) {
    guard phase == .askingForLogin else { return }
    switch answer {
    case .accepted(let identity): accept(identity, &actions)
    case .refused: refuseLogin(&actions)
    case .secret(let secret, let nonce, let identity):
      take(exchange?.found(secret, nonce: nonce, identity: identity) ?? .malformed, &actions)
    case .unavailable: giveUp(.unavailable, &actions)
    case .tooManyFailuresOfAccount: giveUp(.throttled, &actions)
    case .tooManyFailuresOfNetwork:
      note(.throttled, &actions)
      close(.tooManyFailedLogins, &actions)
    }
  }

  // MARK: - Its end

  private mutating func accept(_ identity: SASLIdentity, _ actions: inout [Action]) {
    self.identity = identity
    phase = .command
    note(.success, &actions)
    replyAtOnce(.authenticated, &actions)
  }

  /// The account, or whoever is asked about it, cannot be had now; that is no fault of the client.
  private mutating func giveUp(_ result: SASLReport.Result, _ actions: inout [Action]) {
    phase = .command
    note(result, &actions)
    replyAtOnce(.authenticationUnavailable, &actions)
  }

  private mutating func refuseLogin(_ actions: inout [Action]) {
    phase = .refusingLogin
    failedLoginCount += 1
    note(.failure, &actions)
    actions.append(.delayRefusal)
  }

  mutating func refusalDue(_ actions: inout [Action]) {
    guard phase == .refusingLogin else { return }
    phase = .command
    replyAtOnce(.authenticationRefused, &actions)
    if failedLoginCount >= configuration.maxFailedLogins { close(.tooManyFailedLogins, &actions) }
  }

  /// An error of the client's, as any other.
  private mutating func endExchange(
    _ result: SASLReport.Result, _ refusal: SMTPReply, _ actions: inout [Action]
  ) {
    phase = .command
    note(result, &actions)
    refuse([], refusal, &actions)
  }

  private func note(_ result: SASLReport.Result, _ actions: inout [Action]) {
    guard let exchange else { return }
    actions.append(
      .noteAuthentication(SASLReport(mechanism: exchange.mechanism, result: result, name: exchange.claim?.name)))
  }
}
