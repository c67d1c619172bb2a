extension SMTPSession {
  /// The content that is coming in between 354 and its answer.
  struct IncomingContent: Sendable {
    var decoder = DataDecoder()
    /// False once the content is refused; it is then read to its true end and thrown away (RFC 5321 §4.5.3.1.10's
    /// way out, and the only one that cannot take content for commands), unless the end is too far away.
    var isKept = true
    var refusal: DataRefusal?
  }

  mutating func received(_ content: [UInt8], isAtEnd: Bool, _ actions: inout [Action]) {
    let refusal = contentRefusal
    if incoming.isKept, refusal != nil {
      incoming.isKept = false
      actions.append(.abandonData)
    }
    if incoming.isKept, !content.isEmpty { actions.append(.dataChunk(content)) }
    if incoming.decoder.byteCount > configuration.maxMessageSize + configuration.maxExcessByteCount {
      close(.tooBig(limit: configuration.maxMessageSize), &actions)
    } else if isAtEnd {
      if let refusal { return endTransaction(refusal, &actions) }
      phase = .accepting
      actions.append(.endData(envelope))
    }
  }

  /// What is wrong with the mail itself comes before what is wrong with us: it will not be better next time.
  private var contentRefusal: SMTPReply? {
    if incoming.decoder.hasBareLineEnding { return .bareLineEnding }
    if incoming.decoder.byteCount > configuration.maxMessageSize { return .tooBig(limit: configuration.maxMessageSize) }
    return incoming.refusal?.reply
  }

  mutating func dataAccepted(_ queueID: String, _ actions: inout [Action]) {
    guard phase == .accepting else { return }
    errorCount = 0
    commandCount = 0
    refusedRecipientCount = 0
    endTransaction(.queued(as: queueID), &actions)
  }

  mutating func dataRefused(_ refusal: DataRefusal, _ actions: inout [Action]) {
    switch phase {
    case .accepting: endTransaction(refusal.reply, &actions)
    case .data where incoming.isKept:
      incoming.isKept = false
      incoming.refusal = refusal
      actions.append(.abandonData)
    default: break
    }
  }

  private mutating func endTransaction(_ answer: SMTPReply, _ actions: inout [Action]) {
    phase = .command
    transaction = nil
    incoming = IncomingContent()
    mustFlush = true
    reply(answer, &actions)
  }

  private var envelope: SMTPEnvelope {
    let needsUTF8 = transaction?.needsUTF8 ?? false
    let isExtended = client?.isExtended ?? false
    return SMTPEnvelope(
      heloName: client?.name ?? "", protocolName: needsUTF8 ? "UTF8SMTP" : isExtended ? "ESMTP" : "SMTP",
      reversePath: transaction?.reversePath ?? "", recipients: transaction?.recipients ?? [], needsUTF8: needsUTF8,
      is8Bit: transaction?.is8Bit ?? false)
  }
}

extension SMTPSession.DataRefusal {
  fileprivate var reply: SMTPReply {
    switch self {
    case .noSpace: .noSpace
    case .storeUnavailable: .storeUnavailable
    }
  }
}
