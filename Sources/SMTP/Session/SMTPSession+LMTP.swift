/// What is different in LMTP (RFC 2033).
extension SMTPSession {
  var isLMTP: Bool { configuration.dialect == .lmtp }

  var helloFirst: SMTPReply { isLMTP ? .lhloFirst : .helloFirst }

  /// RFC 2033 §4.2 asks for a 503.
  var noValidRecipients: SMTPReply { isLMTP ? .lmtpNoValidRecipients : .noValidRecipients }

  /// One answer for each RCPT that was accepted, repeated ones too (RFC 2033 §4.2); all are the same, for the mail is one.
  /// What has to wait for room is owed.
  mutating func answerEachRecipient(_ answer: SMTPReply, _ actions: inout [Action]) {
    let count = isLMTP ? transaction?.acceptedCount ?? 0 : 1
    reply(answer, &actions)
    owedReplies = Array(repeating: answer, count: max(0, count - 1))
  }
}
