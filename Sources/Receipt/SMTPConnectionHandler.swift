import Bytes
import Logging
import NIOCore
import NIOSSL
import NIOTLS
import SMTP

/// Drives one connection's `SMTPSession`: bytes in, replies out, and what the session asks for done in between.
///
/// Lives on its channel's event loop. Whatever has to wait (looking up a recipient, writing the spool, accepting the
/// mail) is one job in `JobQueue`, and until it is back nothing is read from the socket: that is the back-pressure, and
/// it keeps commands in order. Nor is anything read, or worked off, while the client leaves our replies unread.
final class SMTPConnectionHandler: ChannelInboundHandler {
  typealias InboundIn = ByteBuffer
  typealias OutboundOut = ByteBuffer

  /// What all connections of a door share.
  struct Shared: Sendable {
    let configuration: ReceiptConfiguration
    /// The door's.
    let session: SMTPConfiguration
    let certificate: TLSCertificate?
    let receiver: any MailReceiver
    let policy: CurrentPolicy
    let clock: any WallClock
    let jobs: JobQueue
    let connections: ConnectionTable
    let refusals: RefusalCounter
    let rates: ClientRates
    /// Asked where mail is submitted.
    var authenticator: (any Authenticator)?
    var logins = LoginGuard()
    var gate = PressureGate(seed: 0)
    var authentications = AuthenticationCounter()
    /// `nil` where nobody is put off, whatever the policy says.
    var greylist: Greylist?
    /// `nil` where none is asked, whatever the policy says.
    var blocklists: Blocklists?
    let logger: Logger

    /// Counts a reply, and logs it, if it refuses something.
    func noteRefusal(_ reply: SMTPReply, of clientAddress: String) {
      guard let reason = reply.refusalReason else { return }
      refusals.note(reason)
      logger.debug(
        "refused",
        metadata: [
          "client": "\(clientAddress)", "reply": "\(reply.code) \(reply.lines[0])", "reason": "\(reason.rawValue)",
        ])
    }
  }

  let shared: Shared
  let client: ClientAddress
  private var session: SMTPSession
  /// Of the transaction that is under way, or was last.
  private(set) var policy: ReceiptPolicy
  /// What of it this client meets.
  private(set) var limits = LimitPolicy.none
  var intake = ContentIntake()
  /// Of the login that is under way, or was last.
  var loginAttempt: LoginGuard.Attempt?
  /// What lists in DNS say of the client; `nil` where none is asked.
  private(set) var blocklistCheck: BlocklistCheck?
  /// `nil` when the channel is gone.
  private(set) var context: ChannelHandlerContext?
  /// Stays, for the jobs that end after that.
  private(set) var channel: (any Channel)?
  var jobCount = 0
  /// What the client is to hear at the next flush, all in one piece.
  private var unsentReplies = ByteBuffer()

  /// Read although reading had stopped, which happens when the client closes its side.
  private var heldInput: [[UInt8]] = []
  private var inputIsClosed = false
  /// The last reply is on its way; whatever comes now is thrown away.
  var isEnding = false

  private var timer: Scheduled<Void>?
  var lastActivity = NIODeadline.uptimeNanoseconds(0)
  /// When the last crowd began; it may be over.
  private var crowdedSince = NIODeadline.uptimeNanoseconds(0)
  /// When the mail that is coming, or the next one, must have come.
  var mailDeadline = NIODeadline.uptimeNanoseconds(0)

  init(shared: Shared, client: ClientAddress) {
    self.shared = shared
    self.client = client
    session = SMTPSession(shared.session)
    policy = shared.policy.value
  }

  // MARK: - Channel events

  func handlerAdded(context: ChannelHandlerContext) {
    self.context = context
    channel = context.channel
  }

  func handlerRemoved(context: ChannelHandlerContext) {
    self.context = nil
    timer?.cancel()
    isEnding = true
    heldInput = []
    perform(intake.abandon())
    leaveIfDone(context.channel)
  }

  func channelActive(context: ChannelHandlerContext) {
    goBy(shared.policy.value)
    lastActivity = context.eventLoop.now
    expectMail(from: lastActivity)
    scheduleTimer(context)
    askBlocklists()
    process(.connected)
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    guard !isEnding else { return }
    lastActivity = context.eventLoop.now
    let bytes = Array(unwrapInboundIn(data).readableBytesView)
    if heldInput.isEmpty, canTakeInput { process(.received(bytes)) } else { heldInput.append(bytes) }
  }

  func channelReadComplete(context: ChannelHandlerContext) { readIfWanted() }

  func channelWritabilityChanged(context: ChannelHandlerContext) {
    if hasRoom, session.waitsForRoom { process(.repliesSent) }
    takeHeldInput()
    readIfWanted()
  }

  func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
    switch event {
    case ChannelEvent.inputClosed:
      inputIsClosed = true
      if isEnding { context.close(promise: nil) } else { takeHeldInput() }
    case TLSUserEvent.handshakeCompleted:
      // Its bytes are read by another handler.
      lastActivity = context.eventLoop.now
      process(.secured)
    case ConnectionEvent.shutdown: process(.shutdown)
    case ConnectionEvent.shutdownDeadline: process(.shutdownDeadline)
    case ConnectionEvent.crowded:
      crowdedSince = context.eventLoop.now
      // It may come before `channelActive`, which sets the first one.
      guard timer != nil, !isEnding else { return }
      timer?.cancel()
      scheduleTimer(context)
    default: context.fireUserInboundEventTriggered(event)
    }
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    // A client that ends TLS by ending TCP, of which `inputClosed` follows: nothing it said counts that was not whole.
    if case NIOSSLError.uncleanShutdown = error { return }
    shared.logger.debug("connection failed", metadata: ["client": "\(client.text)", "error": "\(error)"])
    context.close(promise: nil)
  }

  /// The answers come while the client says who it is.
  private func askBlocklists() {
    guard !policy.blocklists.lists.isEmpty, isStranger, let ip = client.ip, let blocklists = shared.blocklists else {
      return
    }
    blocklistCheck = blocklists.check(ip, by: policy.blocklists, now: now)
  }

  // MARK: - Session

  /// Who the client is, if it has said so.
  var identity: SASLIdentity? { session.identity }

  var declaredByteCount: UInt64? { session.declaredByteCount }
  var reversePath: String? { session.reversePath }

  /// From here on this is the policy.
  func goBy(_ policy: ReceiptPolicy) {
    self.policy = policy
    limits = policy.limits(for: client)
    session.rules = policy.rules(for: client)
  }

  /// Hands an event to the session and does what it answers, which may bring the next event at once.
  func process(_ event: SMTPSession.Event) {
    var next: SMTPSession.Event? = event
    var wantsFlush = false
    while let event = next {
      next = nil
      for action in session.handle(event) {
        switch action {
        case .reply(let reply): add(reply)
        case .flush: wantsFlush = true
        case .resolveSender(let address): next = resolveSender(address)
        case .resolveRecipient(let address): next = resolve(address)
        case .authenticate(let request): next = authenticate(request)
        case .noteAuthentication(let report): note(report)
        case .delayRefusal: delayRefusal()
        case .startTLS: startTLS()
        case .dataChunk(let bytes):
          mailDeadline = mailDeadline + .seconds(bytes.count, atRate: shared.configuration.minimumByteRate)
          perform(intake.append(bytes))
        case .endChunk: if intake.endChunk() { next = .chunkStored }
        case .endData(let envelope): perform(intake.end(envelope))
        case .abandonData: perform(intake.abandon())
        case .close: end()
        }
      }
      guard next == nil else { continue }
      if wantsFlush { sendReplies() }
      if session.waitsForRoom, hasRoom { next = .repliesSent }
    }
    readIfWanted()
  }

  /// False while the client leaves too many of our replies unread.
  private var hasRoom: Bool { context?.channel.isWritable ?? false }

  private var canTakeInput: Bool { session.wantsInput && jobCount == 0 && !isEnding && hasRoom }

  func takeHeldInput() {
    while canTakeInput, !heldInput.isEmpty { process(.received(heldInput.removeFirst())) }
    if inputIsClosed, heldInput.isEmpty, !isEnding { process(.inputClosed) }
  }

  func readIfWanted() {
    guard let context, !inputIsClosed else { return }
    if isEnding || session.isSecuring || canTakeInput && heldInput.isEmpty { context.read() }
  }

  private func add(_ reply: SMTPReply) {
    unsentReplies.writeString(reply.wireForm)
    shared.noteRefusal(reply, of: client.text)
  }

  private func sendReplies() {
    guard unsentReplies.readableBytes > 0 else { return }
    context?.writeAndFlush(wrapOutboundOut(unsentReplies), promise: nil)
    unsentReplies = ByteBuffer()
  }

  /// The replies so far go in clear; what was read so far and is held came in clear, and is thrown away with what the
  /// session held.
  private func startTLS() {
    guard let context, let certificate = shared.certificate else { return }
    sendReplies()
    heldInput = []
    do {
      try context.pipeline.syncOperations.addHandler(certificate.makeHandler(), position: .first)
    } catch {
      errorCaught(context: context, error: error)
    }
  }

  private func end() {
    guard let context, !isEnding else { return }
    isEnding = true
    heldInput = []
    timer?.cancel()
    sendReplies()
    context.closeAfterLastReply(inputIsClosed: inputIsClosed)
  }

  // MARK: - Slow clients

  /// A mail has come, or the connection: the time for the next one begins.
  func expectMail(from now: NIODeadline) { mailDeadline = now + TimeAmount(shared.configuration.mailTimeout) }

  /// When the client's time is over, and whether it is the time for a mail. While we are at work, it is not running.
  private func clientDeadline(at now: NIODeadline) -> (time: NIODeadline, isOfMail: Bool) {
    let idleTimeout = TimeAmount(shared.configuration.idleTimeout)
    let crowdedTimeout = TimeAmount(shared.configuration.crowdedTimeout)
    let mustHurry = mustHurry
    if jobCount > 0 { return (now + (mustHurry ? crowdedTimeout : idleTimeout), false) }
    var (idleDeadline, dueMail) = (lastActivity + idleTimeout, mailDeadline)
    if mustHurry {
      // What was right before the crowd began is not held against anybody, and what a mail has earned by its bytes counts on.
      let earliest = crowdedSince + crowdedTimeout
      let haste = TimeAmount(shared.configuration.mailTimeout) - crowdedTimeout
      idleDeadline = min(idleDeadline, max(earliest, lastActivity + crowdedTimeout))
      dueMail = min(dueMail, max(earliest, dueMail - haste))
    }
    return (min(idleDeadline, dueMail), dueMail <= idleDeadline)
  }

  private var mustHurry: Bool { identity == nil && !shared.isLast(client) && shared.connections.isCrowded }

  /// One timer for many reads: when it fires early, it is set anew for the rest.
  private func scheduleTimer(_ context: ChannelHandlerContext) {
    let handler = NIOLoopBound(self, eventLoop: context.eventLoop)
    timer = context.eventLoop.scheduleTask(deadline: clientDeadline(at: context.eventLoop.now).time) {
      handler.value.timerFired()
    }
  }

  private func timerFired() {
    guard let context, !isEnding else { return }
    let now = context.eventLoop.now
    let deadline = clientDeadline(at: now)
    if deadline.time > now {
      scheduleTimer(context)
    } else {
      process(deadline.isOfMail ? .mailTimeout : .idleTimeout)
    }
  }
}

extension TimeAmount {
  /// What `byteCount` bytes take at `rate` bytes per second.
  fileprivate static func seconds(_ byteCount: Int, atRate rate: Int) -> TimeAmount {
    .nanoseconds(Int64(byteCount) * 1_000_000_000 / Int64(rate))
  }
}
