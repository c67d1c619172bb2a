import TestSupport
import Testing

@testable import SMTP

@Suite struct DotStuffingTests {
  @Test(arguments: [
    ("a\r\n", "a\r\n.\r\n"), (".\r\n", "..\r\n.\r\n"), ("a\r\n.b\r\n..\r\n", "a\r\n..b\r\n...\r\n.\r\n"),
    ("a.b\r\n", "a.b\r\n.\r\n"), ("", ".\r\n"), ("no end", "no end\r\n.\r\n"),
  ])
  func `dots at the beginning of lines are doubled`(content: String, stuffed: String) {
    #expect(String(decoding: DotStuffing.encode(Array(content.utf8)), as: UTF8.self) == stuffed)
  }

  @Test func `what a server takes off gives the content again`() {
    let seed = UInt64.random(in: 0...UInt64.max)
    var random = SeededGenerator(seed: seed)
    for _ in 0..<500 {
      let lines = (0..<Int.random(in: 1...8, using: &random)).map { _ in
        ["", ".", "..", "a", ".a", "a."].randomElement(using: &random) ?? ""
      }
      let content = Array(lines.map { $0 + "\r\n" }.joined().utf8)
      let stuffed = DotStuffing.encode(content)
      var decoder = DataDecoder()
      var (position, decoded) = (0, [UInt8]())
      #expect(decoder.decode(stuffed, at: &position, into: &decoded), "seed \(seed)")
      #expect(decoded == content && position == stuffed.count, "seed \(seed)")
    }
  }
}
