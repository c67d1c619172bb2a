import TestSupport
import Testing

@testable import SMTP

@Suite struct ServerReplyDecoderTests {
  private func decode(_ text: String, pieces: Int = .max) throws(ServerReplyDecoder.Failure) -> [ServerReply] {
    var decoder = ServerReplyDecoder()
    var replies: [ServerReply] = []
    var rest = Array(text.utf8)[...]
    while !rest.isEmpty {
      let piece = rest.prefix(pieces)
      replies += try decoder.decode(Array(piece))
      rest = rest.dropFirst(piece.count)
    }
    return replies
  }

  @Test(arguments: [1, 2, 7, 1_000])
  func `replies of one line and of several are read from pieces of any size`(pieces: Int) throws {
    let replies = try decode("220 mx ESMTP\r\n250-mx\r\n250-SIZE 100\r\n250 DSN\r\n354\r\n", pieces: pieces)
    #expect(
      replies == [
        ServerReply(code: 220, lines: ["mx ESMTP"]), ServerReply(code: 250, lines: ["mx", "SIZE 100", "DSN"]),
        ServerReply(code: 354, lines: [""]),
      ])
  }

  @Test func `what is not printable is a question mark, for it goes to logs`() throws {
    #expect(try decode("550 a\u{1B}[31m\u{0}ö\n") == [ServerReply(code: 550, lines: ["a?[31m???"])])
  }

  @Test(arguments: [
    "HTTP/1.1 400\r\n", "25 x\r\n", "\r\n", "199 x\r\n", "600 x\r\n", "250-a\r\n550 b\r\n", "250xa\r\n",
  ])
  func `what is no reply is an error`(text: String) {
    #expect(throws: ServerReplyDecoder.Failure.malformed) { try decode(text) }
  }

  @Test(arguments: [String(repeating: "2", count: 2_000), String(repeating: "250-x\r\n", count: 200)])
  func `replies have bounds`(text: String) {
    #expect(throws: ServerReplyDecoder.Failure.tooLong) { try decode(text) }
  }

  @Test func `random bytes are replies or an error`() {
    let seed = UInt64.random(in: 0...UInt64.max)
    var random = SeededGenerator(seed: seed)
    let bytes = Array("250 -\r\n".utf8) + [0, 255]
    for _ in 0..<2_000 {
      var decoder = ServerReplyDecoder()
      let input = (0..<Int.random(in: 0...60, using: &random)).map { _ in bytes.randomElement(using: &random) ?? 0 }
      guard let replies = try? decoder.decode(input) else { continue }
      #expect(replies.allSatisfy { (200...599).contains($0.code) && !$0.lines.isEmpty }, "seed \(seed)")
    }
  }
}
