import Bytes
import SMTP

/// A conversation of any bytes where mail is submitted has the same course in pieces as when it comes at once; nobody is known who
/// has not the password, no mail is taken before that, and no input traps. The first byte chooses the size of the pieces and how
/// the conversation begins.
@_cdecl("LLVMFuzzerTestOneInput")
public func submit(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  let input = Array(UnsafeBufferPointer(start: start, count: count))
  guard let first = input.first else { return 0 }
  let bytes = Array(openings[Int(first) % openings.count].utf8) + input.dropFirst()
  let whole = Conversation(bytes, chunkSize: bytes.count)
  let inPieces = Conversation(bytes, chunkSize: Int(first) / openings.count + 1)
  precondition(whole.course == inPieces.course)
  return 0
}

private let openings = [
  "", "EHLO c\r\n", "EHLO c\r\nAUTH LOGIN\r\n", "EHLO c\r\nAUTH PLAIN ", "EHLO c\r\nAUTH SCRAM-SHA-256 ",
  // RFC 7677 §3, up to the client's last message.
  "EHLO c\r\nAUTH SCRAM-SHA-256 biwsbj11c2VyLHI9ck9wck5HZndFYmVSV2diTkVrcU8=\r\n",
  "EHLO c\r\nAUTH PLAIN AHVzZXIAcGVuY2ls\r\n",
  "EHLO c\r\nAUTH PLAIN AHVzZXIAcGVuY2ls\r\nMAIL FROM:<user@example.com> AUTH=",
]

/// One account, `user` with the password `pencil`.
private struct Conversation {
  private var session = SMTPSession(
    SMTPConfiguration(hostName: "mx.example.com", maxMessageSize: 2_000, tls: .implicit, isSubmission: true))
  private(set) var course: [[UInt8]] = []
  private var hasPassword = false

  init(_ bytes: [UInt8], chunkSize: Int) {
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
      for action in session.handle(event) {
        switch action {
        case .reply(let reply):
          let wire = Array(reply.wireForm.utf8)
          precondition(wire.allSatisfy { $0 >= 32 && $0 < 127 || $0 == 13 || $0 == 10 })
          course.append(wire)
        case .authenticate(let request): next = .authenticationAnswered(answer(request))
        case .noteAuthentication(let report): course.append(Array("\(report)".utf8))
        case .delayRefusal: next = .refusalDue
        case .resolveSender:
          precondition(session.identity != nil)
          next = .senderResolved(.accepted)
        case .resolveRecipient: next = .recipientResolved(.accepted([UserID(rawValue: 1)]))
        case .endChunk: next = .chunkStored
        case .endData(let envelope):
          precondition(hasPassword && !envelope.recipients.isEmpty)
          next = .dataAccepted(queueID: "1")
        case .flush, .close, .dataChunk, .abandonData: break
        case .startTLS: preconditionFailure("it is TLS already")
        }
      }
      if next == nil, session.waitsForRoom { next = .repliesSent }
    }
    precondition(session.identity == nil || hasPassword)
  }

  private mutating func answer(_ request: SASLRequest) -> SASLAnswer {
    let identity = request.claim.name == "user" ? SASLIdentity(user: UserID(rawValue: 7), name: "user") : nil
    switch request.proof {
    case .secret:
      // Whoever has the proof has the password, or RFC 7677.
      hasPassword = hasPassword || identity != nil
      return .secret(secret, nonce: "%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0", identity: identity)
    case .password(let password):
      guard let identity, password == Array("pencil".utf8) else { return .refused }
      hasPassword = true
      return .accepted(identity)
    }
  }
}

/// Of `pencil` (RFC 7677 §3).
private let secret = SCRAMSecret(
  salt: [0x5B, 0x6D, 0x99, 0x68, 0x9D, 0x12, 0x35, 0x8E, 0xEC, 0xA0, 0x4B, 0x14, 0x12, 0x36, 0xFA, 0x81],
  iterationCount: 4_096,
  storedKey: [
    0x58, 0x6E, 0x5D, 0xF2, 0x83, 0xE6, 0xDC, 0xEB, 0x5C, 0x3E, 0x79, 0x1D, 0x8B, 0x85, 0x28, 0xEC,
    0x19, 0x1E, 0x66, 0x40, 0x45, 0xCE, 0x97, 0x17, 0x92, 0xE2, 0xE6, 0xB5, 0xBB, 0x13, 0xE2, 0xA6,
  ],
  serverKey: [
    0xC1, 0xF3, 0xCB, 0xC1, 0xC1, 0x3A, 0x9D, 0x35, 0xA1, 0x4C, 0x09, 0x90, 0xEE, 0xD9, 0x76, 0x29,
    0xEA, 0x22, 0x58, 0x63, 0xE5, 0x66, 0xA4, 0x31, 0x4A, 0xB9, 0x9F, 0x3F, 0x00, 0xE5, 0xD9, 0xD5,
  ])
