extension SMTPSession {
  /// The content of the open transaction: of DATA between 354 and its answer, or of BDAT's chunks.
  struct IncomingContent: Sendable {
    // One of them is used, the other has counted nothing.
    var decoder = DataDecoder()
    var chunks = ChunkDecoder()
    /// Of what is kept.
    var hops = HopCounter()
    /// Since the content began, until it is refused; it is then read to its true end and thrown away (RFC 5321
    /// §4.5.3.1.10's way out, and the only one that cannot take content for commands), unless the end is too far away.
    var isKept = false
    /// What does not come from the content itself.
    var refusal: SMTPReply?

    var byteCount: Int { decoder.byteCount + chunks.byteCount }
    var hasBareLineEnding: Bool { decoder.hasBareLineEnding || chunks.hasBareLineEnding }
  }

  // MARK: - DATA

  mutating func receivedData(_ content: [UInt8], isAtEnd: Bool, _ actions: inout [Action]) {
    keep(content, &actions)
    if incoming.byteCount > maxReadByteCount {
      answerEachRecipient(.tooBig(limit: maxMessageSize), &actions)
      close(nil, &actions)
    } else if isAtEnd {
      endData(&actions)
    }
  }

  // MARK: - BDAT

  /// Wherever it is said, what it declares is content and is read to its end: RFC 3030 §2. One that could not be read
  /// within the bound of a mail that DATA sends ends the session at once.
  mutating func beginChunk(byteCount: Int, isLast: Bool, _ actions: inout [Action]) {
    guard byteCount <= maxReadByteCount - incoming.byteCount else {
      return refuseEndlessChunk(isLast: isLast, &actions)
    }
    let misplaced = misplacement
    if misplaced == nil, let transaction, !incoming.chunks.hasBegun {
      if transaction.recipients.isEmpty { incoming.refusal = noValidRecipients } else { incoming.isKept = true }
    }
    incoming.chunks.beginChunk(byteCount: byteCount)
    phase = .chunk(isLast: isLast, misplaced: misplaced)
    if byteCount == 0 { receivedOfChunk([], &actions) }
  }

  /// Only what ends a mail is answered for each recipient.
  private mutating func refuseEndlessChunk(isLast: Bool, _ actions: inout [Action]) {
    let answer = SMTPReply.tooBig(limit: maxMessageSize)
    if isLast { answerEachRecipient(answer, &actions) } else { reply(answer, &actions) }
    close(nil, &actions)
  }

  /// What is wrong with a chunk that belongs to no transaction, or comes from a client that was told of no extensions.
  private var misplacement: SMTPReply? {
    if let demand = demandForMail { return demand }
    guard client?.isExtended == true else { return helloFirst }
    return transaction == nil ? .mailFirst : nil
  }

  mutating func receivedOfChunk(_ content: [UInt8], _ actions: inout [Action]) {
    guard case .chunk(let isLast, let misplaced) = phase else { return }
    let isAtEnd = incoming.chunks.missingByteCount == 0
    if let misplaced {
      if isAtEnd { refuseChunk(misplaced, &actions) }
      return
    }
    if isLast, isAtEnd { incoming.chunks.endContent() }
    keep(content, &actions)
    guard isAtEnd else { return }
    if isLast { endData(&actions) } else { endChunk(&actions) }
  }

  /// An error as any other of a command out of order, but for the content that had to be read.
  private mutating func refuseChunk(_ misplaced: SMTPReply, _ actions: inout [Action]) {
    phase = .command
    incoming = IncomingContent()
    refuse([], misplaced, &actions)
  }

  private mutating func endChunk(_ actions: inout [Action]) {
    if contentRefusal != nil { return answerChunk(&actions) }
    phase = .storingChunk
    actions.append(.endChunk)
  }

  mutating func chunkStored(_ actions: inout [Action]) {
    if phase == .storingChunk { answerChunk(&actions) }
  }

  /// A chunk after a refused one hears the same, so that a client that looks at the last answer only still knows whether
  /// to try again; the transaction stays open for the chunks that are on their way.
  private mutating func answerChunk(_ actions: inout [Action]) {
    phase = .command
    reply(contentRefusal ?? .chunkOK, &actions)
  }

  // MARK: - Both

  /// Bytes of content that are read of one mail, kept or not.
  private var maxReadByteCount: Int { configuration.maxMessageSize + configuration.maxExcessByteCount }

  /// Of this mail, for these recipients.
  private var maxMessageSize: Int { min(configuration.maxMessageSize, transaction?.maxMessageSize ?? .max) }

  private mutating func keep(_ content: [UInt8], _ actions: inout [Action]) {
    if incoming.isKept { incoming.hops.read(content) }
    if contentRefusal != nil { dropContent(&actions) }
    if incoming.isKept, !content.isEmpty { actions.append(.dataChunk(content)) }
  }

  private mutating func dropContent(_ actions: inout [Action]) {
    if incoming.isKept { actions.append(.abandonData) }
    incoming.isKept = false
  }

  private mutating func endData(_ actions: inout [Action]) {
    if let refusal = contentRefusal { return endTransaction(refusal, &actions) }
    phase = .accepting
    incoming.isKept = false
    actions.append(.endData(envelope))
  }

  /// What is wrong with the mail itself comes before what is wrong with us: it will not be better next time.
  private var contentRefusal: SMTPReply? {
    if incoming.hasBareLineEnding { return .bareLineEnding }
    if incoming.byteCount > maxMessageSize { return .tooBig(limit: maxMessageSize) }
    if incoming.hops.count > configuration.maxHops { return .tooManyHops }
    return incoming.refusal
  }

  mutating func dataAccepted(_ queueID: String, _ actions: inout [Action]) {
    guard phase == .accepting else { return }
    errorCount = 0
    commandCount = 0
    refusedRecipientCount = 0
    endTransaction(.queued(as: queueID), &actions)
  }

  mutating func dataRefused(_ refusal: DataRefusal, _ actions: inout [Action]) {
    if phase == .accepting { return endTransaction(refusal.reply, &actions) }
    guard incoming.isKept else { return }
    incoming.refusal = refusal.reply
    dropContent(&actions)
    if phase == .storingChunk { answerChunk(&actions) }
  }

  private mutating func endTransaction(_ answer: SMTPReply, _ actions: inout [Action]) {
    phase = .command
    mustFlush = true
    answerEachRecipient(answer, &actions)
    // Nobody waits for the client to read what is owed.
    if isPastDeadline { return close(.shuttingDown, &actions) }
    forgetTransaction(&actions)
  }

  /// Chunks that have come are thrown away with it (RFC 3030 §2).
  mutating func forgetTransaction(_ actions: inout [Action]) {
    dropContent(&actions)
    incoming = IncomingContent()
    transaction = nil
    senderIsRefused = false
  }

  private var envelope: SMTPEnvelope {
    SMTPEnvelope(
      heloName: client?.name ?? "", protocolName: protocolName, reversePath: transaction?.reversePath ?? "",
      recipients: transaction?.recipients ?? [], needsUTF8: transaction?.needsUTF8 ?? false,
      is8Bit: transaction?.is8Bit ?? false, notification: transaction?.notification ?? MailNotification())
  }

  /// RFC 3848 and RFC 6531 §4.3, which have no name for HELO within TLS or of somebody who is known.
  private var protocolName: String {
    guard client?.isExtended == true else { return "SMTP" }
    let needsUTF8 = transaction?.needsUTF8 == true
    let name = isLMTP ? (needsUTF8 ? "UTF8LMTP" : "LMTP") : needsUTF8 ? "UTF8SMTP" : "ESMTP"
    return name + (isSecured ? "S" : "") + (identity == nil ? "" : "A")
  }
}

extension SMTPSession.DataRefusal {
  fileprivate var reply: SMTPReply {
    switch self {
    case .noSpace: .noSpace
    case .storeUnavailable: .storeUnavailable
    case .rejected(let reason): .contentRejected(reason)
    case .unchecked: .cannotCheck
    }
  }
}
