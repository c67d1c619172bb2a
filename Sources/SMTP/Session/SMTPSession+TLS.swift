/// STARTTLS (RFC 3207).
extension SMTPSession {
  /// Not within TLS (RFC 3207 §4.2).
  var offersTLS: Bool { configuration.tls == .offered && !isSecured }

  mutating func startTLS(_ actions: inout [Action]) throws(SMTPReply) {
    if isSecured { throw .alreadySecured }
    guard offersTLS else { throw .notImplemented }
    guard client?.isExtended == true else { throw helloFirst }
    replyAtOnce(.readyForTLS, &actions)
    forgetTransaction(&actions)
    forgetInput()
    phase = .securing
    actions.append(.startTLS)
  }

  /// Nothing that was said in clear counts any more (RFC 3207 §4.2), but mistakes do.
  mutating func secured() {
    guard phase == .securing else { return }
    isSecured = true
    client = nil
    phase = .command
  }
}
