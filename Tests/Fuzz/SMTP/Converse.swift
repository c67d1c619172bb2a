import Bytes
import SMTP

/// A conversation of any bytes has the same course in pieces as when it comes at once; no input traps, and what the
/// server says is printable. The first byte chooses the size of the pieces, and whether the conversation begins within
/// the data of a mail, of chunks, or before any of it, and in SMTP or LMTP.
@_cdecl("LLVMFuzzerTestOneInput")
public func converse(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  let input = Array(UnsafeBufferPointer(start: start, count: count))
  guard let first = input.first else { return 0 }
  let bytes = Array(opening(first).utf8) + input.dropFirst()
  // What is behind STARTTLS is thrown away as far as it has come with it, so that the pieces make a difference.
  if first % 8 == 7 {
    _ = Conversation(bytes, chunkSize: Int(first) % 64 + 1, tls: .offered)
    return 0
  }
  let dialect: SMTPConfiguration.Dialect = first % 8 == 6 ? .lmtp : .smtp
  let whole = Conversation(bytes, chunkSize: bytes.count, dialect: dialect)
  let inPieces = Conversation(bytes, chunkSize: Int(first) % 64 + 1, dialect: dialect)
  precondition(whole.course == inPieces.course)
  return 0
}

private func opening(_ choice: UInt8) -> String {
  if choice < 128 { return "" }
  let transaction = "EHLO c\r\nLHLO c\r\nMAIL FROM:<a@example.org>\r\nRCPT TO:<b@example.com>\r\n"
  return transaction + (choice < 192 ? "DATA\r\n" : "BDAT \(choice)\r\n")
}

/// A session whose recipients are all known and whose mails are all taken.
private struct Conversation {
  private var session: SMTPSession
  private var content: [UInt8] = []
  private(set) var course: [[UInt8]] = []

  init(
    _ bytes: [UInt8], chunkSize: Int, tls: SMTPConfiguration.TLSUse = .none,
    dialect: SMTPConfiguration.Dialect = .smtp
  ) {
    session = SMTPSession(
      SMTPConfiguration(hostName: "mx.example.com", maxMessageSize: 2_000, maxHops: 4, tls: tls, dialect: dialect))
    run(.connected)
    var rest = bytes[...]
    while !rest.isEmpty {
      let chunk = rest.prefix(chunkSize)
      rest = rest.dropFirst(chunk.count)
      run(.received(Array(chunk)))
    }
    run(.inputClosed)
  }

  private mutating func run(_ event: SMTPSession.Event) {
    var next: SMTPSession.Event? = event
    while let event = next {
      next = nil
      let actions = session.handle(event)
      checkThatNothingFollowsStartTLS(actions)
      if case .secured = event { checkThatHelloIsForgotten() }
      for action in actions {
        switch action {
        case .reply(let reply):
          let wire = Array(reply.wireForm.utf8)
          precondition(wire.allSatisfy { $0 >= 32 && $0 < 127 || $0 == 13 || $0 == 10 })
          course.append(wire)
          precondition(reply.code != 354 || content.isEmpty)
        case .flush, .close: break
        case .startTLS: next = .secured
        case .authenticate, .noteAuthentication, .delayRefusal: preconditionFailure("no mail is submitted here")
        case .resolveSender: next = .senderResolved(.accepted)
        case .resolveRecipient(let address):
          course.append(Array(address.utf8))
          next = .recipientResolved(.accepted([UserID(rawValue: 1)]))
        case .dataChunk(let bytes):
          precondition(session.isInTransaction || !session.wantsInput)
          content += bytes
        case .endChunk: next = .chunkStored
        case .abandonData: content = []
        case .endData(let envelope):
          precondition(content.count <= 2_000 && !envelope.recipients.isEmpty)
          course.append(content + Array("\(envelope.reversePath) \(envelope.recipients.count)".utf8))
          content = []
          next = .dataAccepted(queueID: "1")
        }
      }
      if next == nil, session.waitsForRoom { next = .repliesSent }
    }
  }

  /// What came behind it in clear is never performed (RFC 3207 §5).
  private func checkThatNothingFollowsStartTLS(_ actions: [SMTPSession.Action]) {
    guard let start = actions.firstIndex(of: .startTLS) else { return }
    precondition(actions[(start + 1)...].allSatisfy { $0 == .flush })
  }

  /// RFC 3207 §4.2. Commands may have become too many by now.
  private func checkThatHelloIsForgotten() {
    var session = session
    let answers = session.handle(.repliesSent) + session.handle(.received(Array("MAIL FROM:<>\r\n".utf8)))
    guard case .reply(let answer) = answers.first else { preconditionFailure("MAIL has no answer") }
    precondition(answer.code == 503 || answer.code == 421)
  }
}
