import SMTP
import Testing

/// A conversation as a script.
///
///     C: a line from the client, CR LF is added
///     C| bytes from the client, nothing is added; escapes as in `Escapes`, which `C:` has too
///     B| content of a chunk, sent after the BDAT that declares it; L| the same with LAST
///     S: a reply line
///     M: a mail that was taken (see `ScriptedServer`); A: how a login ended
///     X  the server ends the connection
///     #  a remark
///
/// All that the client says is sent without waiting, so each script tests pipelining as well.
struct Dialogue: CustomTestStringConvertible, Sendable {
  let name: String
  let clientBytes: [UInt8]
  let expectedTranscript: [String]

  var testDescription: String { name }

  init(_ name: String, _ script: String) {
    self.name = name
    var bytes: [UInt8] = []
    var expected: [String] = []
    for line in script.split(separator: "\n", omittingEmptySubsequences: true).map(String.init) {
      switch line.prefix(2) {
      case "C:": bytes += Escapes.decode(String(line.dropFirst(3))) + [13, 10]
      case "C|": bytes += Escapes.decode(String(line.dropFirst(3)))
      case "B|": bytes += Self.chunk(Escapes.decode(String(line.dropFirst(3))), isLast: false)
      case "L|": bytes += Self.chunk(Escapes.decode(String(line.dropFirst(3))), isLast: true)
      case "S:", "M:", "A:", "X": expected.append(line)
      case "# ": break
      default: preconditionFailure("what is this in \(name): \(line)")
      }
    }
    clientBytes = bytes
    expectedTranscript = expected
  }

  private static func chunk(_ content: [UInt8], isLast: Bool) -> [UInt8] {
    Array("BDAT \(content.count)\(isLast ? " LAST" : "")\r\n".utf8) + content
  }

  /// A dialogue that begins with the greeting and EHLO.
  static func afterHello(_ name: String, _ script: String) -> Dialogue {
    Dialogue(
      name,
      """
      S: 220 mx.example.com ESMTP Maildex
      C: EHLO client.example.org
      S: 250-mx.example.com
      S: 250-PIPELINING
      S: 250-SIZE 1000
      S: 250-8BITMIME
      S: 250-SMTPUTF8
      S: 250-CHUNKING
      S: 250 ENHANCEDSTATUSCODES
      \(script)
      """)
  }

  /// A dialogue that begins with the greeting and EHLO where mail is submitted, within TLS.
  static func submitting(_ name: String, _ script: String) -> Dialogue {
    Dialogue(
      name,
      """
      S: 220 mx.example.com ESMTP Maildex
      C: EHLO client.example.org
      S: 250-mx.example.com
      S: 250-PIPELINING
      S: 250-SIZE 1000
      S: 250-8BITMIME
      S: 250-SMTPUTF8
      S: 250-CHUNKING
      S: 250-AUTH SCRAM-SHA-256 PLAIN LOGIN
      S: 250 ENHANCEDSTATUSCODES
      \(script)
      """)
  }

  /// A dialogue that begins where the server has just said 354 for a mail from alice to bob.
  static func inData(_ name: String, _ script: String) -> Dialogue {
    inTransaction(
      name,
      """
      C: DATA
      S: 354 send the mail, end with CR LF . CR LF
      \(script)
      """)
  }

  /// A dialogue that begins where a mail from alice to bob may have content.
  static func inTransaction(_ name: String, _ script: String) -> Dialogue {
    afterHello(
      name,
      """
      C: MAIL FROM:<alice@example.org>
      S: 250 2.1.0 sender OK
      C: RCPT TO:<bob@example.com>
      S: 250 2.1.5 recipient OK
      \(script)
      """)
  }

  func run(_ chunking: Chunking, answersLate: Bool, with server: ScriptedServer = ScriptedServer()) {
    var server = server
    server.answersLate = answersLate
    server.handle(.connected)
    server.receive(clientBytes, chunking: chunking)
    #expect(server.transcript == expectedTranscript, "\(name), \(chunking.testDescription)")
  }
}
