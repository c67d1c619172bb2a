import Bytes
import SMTP
import Testing

/// A session with a small world around it: users, a store that can be full, and a transcript of what happened.
///
/// Transcript lines: `S: ` a reply line, `M: ` a mail that was taken, `A: ` how a login ended, `T` the beginning of TLS, `X` the end
/// of the connection. On the way it checks
/// what must hold in every dialogue: content comes only within a transaction, nothing of it is left when a 354 begins
/// another, nothing follows `close`, no more than a batch of replies comes at once but at the end, and every reply has the enhanced
/// status that RFC 2034 asks for.
struct ScriptedServer {
  private(set) var session: SMTPSession
  private(set) var transcript: [String] = []
  /// Answers wait until `answer` is called, as a slow store's would.
  var answersLate = false
  /// Otherwise the client does not, and there is never room for more.
  var readsReplies = true

  private var content: [UInt8] = []
  private var waitingAnswer: SMTPSession.Event?
  private var mailCount = 0
  private(set) var isClosed = false
  private(set) var replyCount = 0
  /// The largest `dataChunk` seen.
  private(set) var largestChunk = 0

  init(
    _ configuration: SMTPConfiguration = SMTPConfiguration(hostName: "mx.example.com", maxMessageSize: 1_000),
    rules: ClientRules = ClientRules()
  ) {
    session = SMTPSession(configuration, rules: rules)
  }

  mutating func handle(_ event: SMTPSession.Event) {
    perform(session.handle(event))
    while !answersLate, let answer = takeAnswer() { perform(session.handle(answer)) }
  }

  /// Gives the answers that wait, and those that they lead to.
  mutating func answer() {
    while let answer = takeAnswer() { perform(session.handle(answer)) }
  }

  private mutating func takeAnswer() -> SMTPSession.Event? {
    defer { waitingAnswer = nil }
    return waitingAnswer ?? (readsReplies && session.waitsForRoom ? .repliesSent : nil)
  }

  mutating func receive(_ bytes: [UInt8], chunking: Chunking = .allAtOnce) {
    for chunk in chunking.chunks(of: bytes) { handle(.received(chunk)) }
    answer()
  }

  /// The reply lines to one command.
  mutating func say(_ line: String) -> [String] { send("\(line)\r\n") }

  /// What happens when the client sends a text as it is.
  mutating func send(_ text: String) -> [String] {
    let before = transcript.count
    receive(Array(text.utf8))
    return Array(transcript[before...])
  }

  private mutating func perform(_ actions: [SMTPSession.Action]) {
    let count = actions.count { if case .reply = $0 { true } else { false } }
    #expect(count <= SMTPSession.replyBatchLimit + 1 || actions.last == .close)
    for action in actions {
      #expect(!isClosed, "\(action) after close")
      switch action {
      case .reply(let reply): record(reply)
      case .flush: break
      case .resolveSender(let address): waitingAnswer = .senderResolved(Self.resolveSender(address))
      case .resolveRecipient(let address): waitingAnswer = .recipientResolved(Self.resolve(address))
      case .authenticate(let request): waitingAnswer = .authenticationAnswered(ScriptedAccounts.answer(request))
      case .noteAuthentication(let report):
        transcript.append("A: \(report.mechanism.rawValue) \(report.result.rawValue) \(report.name ?? "-")")
      case .delayRefusal: waitingAnswer = .refusalDue
      case .startTLS:
        transcript.append("T")
        waitingAnswer = .secured
      case .dataChunk(let bytes):
        #expect(!bytes.isEmpty)
        content += bytes
        largestChunk = max(largestChunk, bytes.count)
      case .endChunk:
        let isFull = String(decoding: content, as: UTF8.self).contains("full spool")
        waitingAnswer = isFull ? .dataRefused(.noSpace) : .chunkStored
      case .endData(let envelope): take(envelope)
      case .abandonData: content = []
      case .close:
        isClosed = true
        transcript.append("X")
      }
    }
  }

  private mutating func record(_ reply: SMTPReply) {
    replyCount += 1
    transcript += reply.wireForm.split(separator: "\r\n").map { "S: \($0)" }
    if let status = reply.status { #expect(UInt16(status.severity) == reply.code / 100, "\(reply)") }
    if reply.code == 354 { #expect(content.isEmpty, "data began within data") }
    let mayBeHello = [220, 250, 334, 354, 421, 500, 501].contains(reply.code) || reply.refusalReason == .helloName
    #expect(reply.status != nil || mayBeHello, "no enhanced status: \(reply)")
    #expect(reply.wireForm.hasSuffix("\r\n"))
  }

  private mutating func take(_ envelope: SMTPEnvelope) {
    #expect(!envelope.recipients.isEmpty)
    let taken = content
    content = []
    let text = String(decoding: taken, as: UTF8.self)
    if text.contains("full disk") {
      waitingAnswer = .dataRefused(.noSpace)
    } else if text.contains("failed sync") {
      waitingAnswer = .dataRefused(.storeUnavailable)
    } else {
      mailCount += 1
      let recipients = envelope.recipients.map { "<\($0.address)>\($0.notification.text)" }.joined(separator: " ")
      let marks = [envelope.is8Bit ? "8BIT " : "", envelope.needsUTF8 ? "UTF8 " : "", envelope.notification.text]
        .joined()
      transcript.append(
        "M: \(envelope.protocolName) \(envelope.heloName) <\(envelope.reversePath)> to \(recipients) \(marks)"
          + "\"\(Escapes.encode(taken))\"")
      waitingAnswer = .dataAccepted(queueID: "Q\(mailCount)")
    }
  }

  /// Anyone but `blocked…`, `toomany…` and `foreign…`.
  private static func resolveSender(_ address: String) -> SenderResolution {
    if address.hasPrefix("foreign") { return .notOwn }
    return address.hasPrefix("blocked") ? .blocked : address.hasPrefix("toomany") ? .tooManyOfClient : .accepted
  }

  /// Anyone at example.com but `nobody…` and `toomany…`; `team…` are three, and `small…` take 100 bytes.
  private static func resolve(_ address: String) -> RecipientResolution {
    if address.lowercased() == "postmaster" { return .accepted([UserID(rawValue: 1)]) }
    guard address.hasSuffix("@example.com") else { return .foreign }
    if address.hasPrefix("nobody") { return .unknown }
    if address.hasPrefix("toomany") { return .tooManyOfClient }
    let first = UInt32(address.utf8.count)
    let last = address.hasPrefix("team") ? first + 2 : first
    let sizeLimit = address.hasPrefix("small") ? 100 : nil
    return .accepted((first...last).map { UserID(rawValue: $0) }, maxMessageSize: sizeLimit)
  }
}

extension MailNotification {
  fileprivate var text: String {
    var words: [String] = []
    if let returnedContent { words.append("RET=\(returnedContent) ") }
    if let envelopeID { words.append("ENVID='\(envelopeID)' ") }
    return words.joined()
  }
}

extension RecipientNotification {
  fileprivate var text: String {
    let names: [(Occasions, String)] = [(.success, "success"), (.failure, "failure"), (.delay, "delay")]
    let said = occasions.map { occasions in
      occasions.isEmpty ? "never" : names.filter { occasions.contains($0.0) }.map(\.1).joined(separator: ",")
    }
    return (said.map { "(\($0))" } ?? "") + (originalRecipient.map { "(\($0))" } ?? "")
  }
}
