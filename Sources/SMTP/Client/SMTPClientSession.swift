/// The client's side of one SMTP connection over which one mail is sent with the null reverse-path: a value, replies in, actions out, no
/// socket and no clock.
///
///     greeting ─▶ hello ─▶ (startTLS ─▶ hello) ─▶ mail ─▶ recipient ─▶ data ─▶ content ─▶ done
///                   └▶ HELO, where EHLO is unknown ─▶ mail
///
/// TLS is taken where it is offered and wanted, and not demanded. After `finished` there are no more actions.
package struct SMTPClientSession: Sendable {
  package enum Action: Equatable, Sendable {
    case send([UInt8])
    /// Begin the handshake; then call `secured`.
    case startTLS
    case finished(Outcome)
  }

  package enum Outcome: Equatable, Sendable {
    /// The server answers for it from now on.
    case accepted
    /// Not now; why.
    case deferred(String)
    /// Never; why.
    case refused(String)
  }

  package struct Mail: Sendable {
    package let recipient: String
    package let content: [UInt8]
    package let needsUTF8: Bool

    package init(recipient: String, content: [UInt8], needsUTF8: Bool) {
      self.recipient = recipient
      self.content = content
      self.needsUTF8 = needsUTF8
    }
  }

  private enum State {
    case greeting, hello, plainHello, startTLS, securing, mail, recipient, data, content, finished
  }

  private let hostName: String
  private let mail: Mail
  private let wantsTLS: Bool
  private var state = State.greeting
  private var isSecured = false
  /// In capitals, without parameters.
  private var extensions: Set<String> = []

  /// - Parameter hostName: said in EHLO.
  package init(hostName: String, mail: Mail, wantsTLS: Bool) {
    self.hostName = hostName
    self.mail = mail
    self.wantsTLS = wantsTLS
  }

  /// Whether it waits for the answer to content, which may take longer (RFC 5321 §4.5.3.2.6).
  package var waitsForContent: Bool { state == .content }

  package mutating func receive(_ reply: ServerReply) -> Action {
    if reply.code == 421 { return finish(.deferred(reply.text)) }
    switch state {
    case .greeting:
      guard isPositive(reply) else { return finish(.deferred(reply.text)) }
      return greet()
    case .hello: return afterHello(reply)
    case .plainHello: return isPositive(reply) ? sendMail() : finish(.deferred(reply.text))
    case .startTLS:
      guard isPositive(reply) else { return sendMail() }
      state = .securing
      return .startTLS
    case .securing: return finish(.deferred("a reply before the TLS handshake"))
    case .mail: return next(reply, .recipient, "RCPT TO:<\(mail.recipient)>")
    case .recipient: return next(reply, .data, "DATA")
    case .data:
      guard reply.code == 354 else { return fail(reply) }
      state = .content
      return .send(DotStuffing.encode(mail.content))
    case .content: return isPositive(reply) ? finish(.accepted) : fail(reply)
    case .finished: return .finished(.deferred("a reply after the end"))
    }
  }

  /// The handshake is done. What was said in clear is forgotten (RFC 3207 §4.2).
  package mutating func secured() -> Action {
    isSecured = true
    return greet()
  }

  private mutating func greet() -> Action {
    extensions = []
    state = .hello
    return say("EHLO \(hostName)")
  }

  private mutating func afterHello(_ reply: ServerReply) -> Action {
    if !isPositive(reply) {
      guard reply.code >= 500, !isSecured else { return finish(.deferred(reply.text)) }
      state = .plainHello
      return say("HELO \(hostName)")
    }
    extensions = Set(reply.lines.dropFirst().map { String($0.prefix { $0 != " " }).uppercased() })
    if wantsTLS, !isSecured, extensions.contains("STARTTLS") {
      state = .startTLS
      return say("STARTTLS")
    }
    return sendMail()
  }

  private mutating func sendMail() -> Action {
    guard mail.recipient.utf8.allSatisfy({ $0 >= 32 && $0 != 127 }), !mail.recipient.isEmpty else {
      return finish(.refused("the recipient is no address"))
    }
    var command = "MAIL FROM:<>"
    if extensions.contains("SIZE") { command += " SIZE=\(mail.content.count)" }
    if extensions.contains("8BITMIME"), mail.content.contains(where: { $0 >= 0x80 }) { command += " BODY=8BITMIME" }
    if mail.needsUTF8 {
      guard extensions.contains("SMTPUTF8") else { return finish(.refused("the relay does not offer SMTPUTF8")) }
      command += " SMTPUTF8"
    }
    state = .mail
    return say(command)
  }

  private mutating func next(_ reply: ServerReply, _ next: State, _ command: String) -> Action {
    guard isPositive(reply) else { return fail(reply) }
    state = next
    return say(command)
  }

  private mutating func fail(_ reply: ServerReply) -> Action {
    finish(reply.code >= 500 ? .refused(reply.text) : .deferred(reply.text))
  }

  private mutating func finish(_ outcome: Outcome) -> Action {
    state = .finished
    return .finished(outcome)
  }

  private func isPositive(_ reply: ServerReply) -> Bool { (200...299).contains(reply.code) }

  private func say(_ command: String) -> Action { .send(Array("\(command)\r\n".utf8)) }
}
