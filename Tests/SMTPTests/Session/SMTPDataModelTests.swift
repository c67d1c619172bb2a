import SMTP
import TestSupport
import Testing

/// Random content over the bytes that matter, against the slowest and most obvious decoder.
struct SMTPDataModelTests {
  private static let alphabet = Array("\r\n.aN\0".utf8)

  @Test(arguments: UInt64(0)..<400)
  func `the end, the content and the answer are those of the model`(seed: UInt64) {
    var random = SeededGenerator(seed: seed)
    let body = (0..<Int.random(in: 0...60, using: &random)).flatMap { _ -> [UInt8] in
      Bool.random(using: &random) ? [13, 10] : [Self.alphabet.randomElement(using: &random) ?? 0]
    }
    let sent = body + Array("\r\n.\r\n".utf8)
    let model = Model(sent)

    var server = ScriptedServer()
    server.handle(.connected)
    server.receive(Array("EHLO c\r\nMAIL FROM:<>\r\nRCPT TO:<bob@example.com>\r\nDATA\r\n".utf8))
    let before = server.transcript.count
    server.receive(sent, chunking: .random(seed: seed))
    let answers = server.transcript[before...]

    if model.hasBareLineEnding {
      #expect(answers.first == "S: 554 5.6.0 the mail holds a CR or LF alone", "seed \(seed): \(Escapes.encode(sent))")
    } else {
      let mail = "M: ESMTP c <> to <bob@example.com> \"\(Escapes.encode(model.content))\""
      #expect(answers.prefix(2) == [mail, "S: 250 2.0.0 queued as Q1"], "seed \(seed): \(Escapes.encode(sent))")
    }
    // Everything after the end is read as commands, so the session has answered it or waits for the rest of a line.
    let commands = server.say("NOOP")
    #expect(!commands.isEmpty || server.isClosed, "seed \(seed): \(Escapes.encode(sent))")
  }
}

private struct Model {
  let content: [UInt8]
  let hasBareLineEnding: Bool

  init(_ sent: [UInt8]) {
    // The CR LF of the DATA line is part of the first possible end.
    let bytes = [13, 10] + sent
    let end = Array("\r\n.\r\n".utf8)
    let endOffset = (0...(bytes.count - end.count)).first { Array(bytes[$0..<$0 + end.count]) == end } ?? 0
    let stuffed = Array(bytes[2..<max(2, endOffset + 2)])
    hasBareLineEnding = stuffed.indices.contains { index in
      switch stuffed[index] {
      case 13: index + 1 == stuffed.count || stuffed[index + 1] != 10
      case 10: index == 0 || stuffed[index - 1] != 13
      default: false
      }
    }
    content = stuffed.indices.filter { index in
      let isAtLineStart = index == 0 || (index >= 2 && stuffed[index - 2] == 13 && stuffed[index - 1] == 10)
      return !(isAtLineStart && stuffed[index] == UInt8(ascii: "."))
    }.map { stuffed[$0] }
  }
}
