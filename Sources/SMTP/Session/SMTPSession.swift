/// The server's side of one SMTP connection as a value: events in, actions out, no socket and no clock.
///
///     var session = SMTPSession(configuration)
///     for action in session.handle(.connected) { … }
///     for action in session.handle(.received(bytes)) { … }
///
/// Bytes may come in any pieces; the actions are the same. Commands are worked off in order: while the session waits
/// for `senderResolved`, `recipientResolved`, `chunkStored`, `dataAccepted`/`dataRefused` or an answer about a login, later
/// bytes are kept and nothing of them is looked at. The same after `replyBatchLimit` replies, until `repliesSent`: a client that asks and
/// never reads gets no further. So the caller stops reading while `wantsInput` is false, which bounds what a session holds
/// to one read, and what it has said at once to one batch.
///
///     awaitingConnection ─▶ command ⇄ resolvingSender, resolving
///                          ▲  ▲  │ │ BDAT: its bytes, dataChunk…
///                          │  │  │ └───────▶ chunk ── LAST: endData ──▶ accepting
///                          │  └──┼─────────────┴ endChunk, storingChunk
///                          │     │ DATA: reply 354
///                          │     ▼
///                          │    data     dataChunk…
///                          │     │ CR LF . CR LF: endData, or the refusal and abandonData
///                          │     ▼
///                          └─ accepting
///
/// STARTTLS leads from `command` to `securing`, where nothing is heard until `secured`, and back to a connection that has
/// said nothing yet. AUTH leads from `command` to `authenticating` and back, by way of `askingForLogin` and, after a failure,
/// `refusingLogin` (`SMTPSession+Login.swift`). `closed` is reached from each of them. After `close` there are no more actions.
package struct SMTPSession: Sendable {
  package enum Event: Sendable {
    case connected
    case received([UInt8])
    case senderResolved(SenderResolution)
    case recipientResolved(RecipientResolution)
    /// To `authenticate`.
    case authenticationAnswered(SASLAnswer)
    /// After `delayRefusal`: the client may hear that its login failed.
    case refusalDue
    /// Durable: what the 250 promises.
    case dataAccepted(queueID: String)
    /// Also while data is still coming in; the client then hears it after the end of its data, or of its chunk.
    case dataRefused(DataRefusal)
    /// There is a place for the chunk of `endChunk`, and for more.
    case chunkStored
    /// The handshake of `startTLS` is done; what is received from now on came encrypted.
    case secured
    /// There is room for more replies. Needed only while `waitsForRoom`.
    case repliesSent
    /// The client sends no more, but may still read.
    case inputClosed
    case idleTimeout
    /// Never long enough to be idle, but no mail came of it.
    case mailTimeout
    /// Idle sessions end now, the others when their transaction has its answer.
    case shutdown
    /// The time for that is over. Only a mail that is complete still has its answer: it may be durable already.
    case shutdownDeadline
  }

  package enum Action: Equatable, Sendable {
    case reply(SMTPReply)
    /// The replies so far may not wait any longer (RFC 2920 §3.2).
    case flush
    /// A transaction begins, from this address if mail is taken from it; empty for the null reverse path.
    case resolveSender(String)
    case resolveRecipient(String)
    /// Who is the client, or what is kept of who it says it is?
    case authenticate(SASLRequest)
    /// An AUTH command has ended.
    case noteAuthentication(SASLReport)
    /// A login has failed: make the client wait, who may be guessing, until `refusalDue`.
    case delayRefusal
    /// After the replies so far, which go in clear, bytes are encrypted; `secured` follows.
    case startTLS
    /// Content without stuffed dots.
    case dataChunk([UInt8])
    /// A chunk of BDAT is complete, and not the last. Answer with `chunkStored` or `dataRefused`.
    case endChunk
    /// The content is complete. Answer with `dataAccepted` or `dataRefused`.
    case endData(SMTPEnvelope)
    /// Nothing of the content is kept.
    case abandonData
    /// After the replies before it have been written.
    case close
  }

  /// Why content was not stored.
  package enum DataRefusal: Sendable {
    /// 452 4.3.1
    case noSpace
    /// 451 4.3.0
    case storeUnavailable
    /// 554 5.7.1: a filter wants none of it, and why.
    case rejected(reason: String)
    /// 451 4.7.1: a filter cannot be asked now, without which nothing is taken.
    case unchecked
  }

  enum Phase: Equatable {
    case awaitingConnection, command, securing, resolvingSender
    /// The client has its turn in an exchange; then somebody else has; it has failed.
    case authenticating, askingForLogin, refusingLogin
    /// The address as the envelope will hold it.
    case resolving(String, RecipientNotification)
    case data
    /// Content that BDAT declared is coming in; it is thrown away where there is a `misplaced`, which is then the answer.
    case chunk(isLast: Bool, misplaced: SMTPReply?)
    case storingChunk, accepting, closed
  }

  struct Client: Equatable {
    var name: String
    var isExtended: Bool
  }

  /// Replies given before the caller is asked whether there is room for more.
  package static let replyBatchLimit = 100

  let configuration: SMTPConfiguration
  /// May be other ones whenever a transaction begins.
  package var rules: ClientRules
  var phase = Phase.awaitingConnection
  var client: Client?
  var transaction: Transaction?
  /// MAIL was refused: what the client has sent behind it, not knowing that, is no error of its own.
  var senderIsRefused = false
  var incoming = IncomingContent()
  var isShuttingDown = false
  /// The session ends with the answer to its mail.
  private(set) var isPastDeadline = false
  var isSecured: Bool
  /// Of the AUTH command that is under way, or was last.
  var exchange: SASLExchange?
  /// Who the client is, once it has said so (RFC 4954).
  package var identity: SASLIdentity?
  /// Since the connection.
  var failedLoginCount = 0
  // Since the last accepted mail.
  var errorCount = 0
  var commandCount = 0
  var refusedRecipientCount = 0
  /// Since the connection.
  var unknownRecipientCount = 0
  /// Replies may wait for more of a pipelined batch, but not those that a client waits for (RFC 2920 §3.2).
  var mustFlush = false
  private var hasUnflushedReplies = false
  private var replyCount = 0
  /// LMTP's further answers to a mail, which come before anything else is heard.
  var owedReplies: [SMTPReply] = []

  private var lineDecoder = CommandLineDecoder(
    maxLineByteCount: SMTPCommand.maxLineByteCount, maxDiscardedByteCount: 1 << 16)
  private var input: [UInt8] = []
  private var position = 0
  private var inputIsClosed = false

  package init(_ configuration: SMTPConfiguration, rules: ClientRules = ClientRules()) {
    self.configuration = configuration
    self.rules = rules
    isSecured = configuration.tls == .implicit
  }

  /// False while the session waits for an answer or for room, and after the end.
  package var wantsInput: Bool { isClientsTurn && replyCount < Self.replyBatchLimit }

  /// True from a full batch of replies until `repliesSent`.
  package var waitsForRoom: Bool { isClientsTurn && replyCount >= Self.replyBatchLimit }

  private var isClientsTurn: Bool {
    switch phase {
    case .command, .data, .chunk, .authenticating: true
    default: false
    }
  }

  /// True from `startTLS` to `secured`: the handshake needs bytes, the session none.
  package var isSecuring: Bool { phase == .securing }

  /// True between MAIL and the mail's answer.
  package var isInTransaction: Bool { transaction != nil }

  /// How long the mail of the transaction is, if the client has said so.
  package var declaredByteCount: UInt64? { transaction?.declaredByteCount }

  /// Of the transaction, empty for the null one; `nil` without one.
  package var reversePath: String? { transaction?.reversePath }

  package mutating func handle(_ event: Event) -> [Action] {
    guard phase != .closed else { return [] }
    var actions: [Action] = []
    take(event, &actions)
    workOffInput(&actions)
    if hasUnflushedReplies, phase != .closed, mustFlush || isClientsTurn || phase == .accepting {
      actions.append(.flush)
      hasUnflushedReplies = false
      mustFlush = false
    }
    return actions
  }

  private mutating func take(_ event: Event, _ actions: inout [Action]) {
    switch event {
    case .connected:
      guard phase == .awaitingConnection else { return }
      phase = .command
      reply(.greeting(configuration.hostName, configuration.dialect), &actions)
    case .received(let bytes):
      // Not encrypted: whoever put it here is not the one whom the handshake will show.
      if phase == .securing { return }
      if position == input.count { input = bytes } else { input = input[position...] + bytes }
      position = 0
    case .senderResolved(let resolution): senderResolved(resolution, &actions)
    case .recipientResolved(let resolution): recipientResolved(resolution, &actions)
    case .authenticationAnswered(let answer): authenticationAnswered(answer, &actions)
    case .refusalDue: refusalDue(&actions)
    case .dataAccepted(let queueID): dataAccepted(queueID, &actions)
    case .dataRefused(let refusal): dataRefused(refusal, &actions)
    case .chunkStored: chunkStored(&actions)
    case .secured: secured()
    case .inputClosed: inputIsClosed = true
    case .repliesSent: replyCount = 0
    case .idleTimeout: timeOut(.idleTooLong, &actions)
    case .mailTimeout: timeOut(.tooLongForOneMail, &actions)
    case .shutdown: isShuttingDown = true
    case .shutdownDeadline:
      isShuttingDown = true
      isPastDeadline = true
      if phase != .accepting { close(isSecuring ? nil : .shuttingDown, &actions) }
    }
  }

  private mutating func timeOut(_ reason: SMTPReply, _ actions: inout [Action]) {
    if isSecuring { close(nil, &actions) } else if isClientsTurn { close(reason, &actions) }
  }

  private mutating func workOffInput(_ actions: inout [Action]) {
    while isClientsTurn {
      if !owedReplies.isEmpty {
        if waitsForRoom { break }
        reply(owedReplies.removeLast(), &actions)
        continue
      }
      if isShuttingDown, !isInTransaction { return close(.shuttingDown, &actions) }
      if position == input.count || waitsForRoom { break }
      decode(&actions)
    }
    guard position == input.count else { return }
    forgetInput()
    if inputIsClosed, wantsInput || isSecuring { close(nil, &actions) }
  }

  private mutating func decode(_ actions: inout [Action]) {
    switch phase {
    case .data: decodeData(&actions)
    case .chunk: receivedOfChunk(incoming.chunks.decode(input, at: &position), &actions)
    default: decodeLine(&actions)
    }
  }

  private mutating func decodeLine(_ actions: inout [Action]) {
    lineDecoder.maxLineByteCount = maxLineByteCount
    let result = lineDecoder.next(in: input, at: &position)
    if phase == .authenticating { return takeLineOfExchange(result, &actions) }
    switch result {
    case .incomplete: break
    case .line(let line): perform(line, &actions)
    case .bareLineEnding(let line): refuse(line, .badLineEnding, &actions)
    case .tooLong(let line): refuse(line, isAuthentication(line) ? .authenticationLineTooLong : .lineTooLong, &actions)
    case .endless: close(.tooManyErrors, &actions)
    }
  }

  private mutating func decodeData(_ actions: inout [Action]) {
    var content: [UInt8] = []
    content.reserveCapacity(input.count - position)
    let isAtEnd = incoming.decoder.decode(input, at: &position, into: &content)
    receivedData(content, isAtEnd: isAtEnd, &actions)
  }

  /// What came behind STARTTLS is forgotten unseen: anybody on the way may have put it there (RFC 3207 §5,
  /// CVE-2011-0411).
  mutating func forgetInput() {
    input = []
    position = 0
  }

  mutating func reply(_ reply: SMTPReply, _ actions: inout [Action]) {
    actions.append(.reply(reply))
    hasUnflushedReplies = true
    replyCount += 1
  }

  /// Says why, if there is something to say, and ends the session.
  mutating func close(_ reason: SMTPReply?, _ actions: inout [Action]) {
    forgetTransaction(&actions)
    // The mail may be durable already: who hears of it for one recipient must not send it again to the others.
    for owed in owedReplies { reply(owed, &actions) }
    owedReplies = []
    if let reason { reply(reason, &actions) }
    phase = .closed
    forgetInput()
    actions.append(.close)
  }
}
