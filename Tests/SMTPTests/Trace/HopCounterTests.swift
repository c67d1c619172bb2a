import TestSupport
import Testing

@testable import SMTP

struct HopCounterTests {
  @Test(arguments: [
    ("", 0), ("Received: a\r\n", 1), ("RECEIVED:\r\nreceived : b\r\nReceived\t :c\r\n\r\nx", 3),
    ("Received: a\r\n\tby b\r\n Received: folded\r\nReceived: c", 2), ("\r\nReceived: body\r\n", 0),
    ("Subject: x\r\n\r\nReceived: body\r\n\r\nReceived: body\r\n", 0),
    ("Received-SPF: pass\r\nX-Received: a\r\nReceived\r\nReceive: b\r\nReceivedd: c\r\nReceived b: d\r\n", 0),
    ("Subject: Received: a\r\nReReceived: b\r\n", 0), ("\rReceived: a\r\nReceived: b\r\n", 1),
  ])
  func `fields of the header section with that name count`(content: String, expected: Int) {
    for chunking in Chunking.all {
      var counter = HopCounter()
      for piece in chunking.chunks(of: Array(content.utf8)) { counter.read(piece) }
      #expect(counter.count == expected, "\(chunking.testDescription)")
    }
  }

  @Test(arguments: UInt64(0)..<200)
  func `random headers are counted as their lines are`(seed: UInt64) {
    var random = SeededGenerator(seed: seed)
    let pieces = ["Received:", "received ", "\r\n", ":", " ", "x", "Received", "\r\n\r\n", "\t", "From: a\r\n"]
    let content = (0..<40).map { _ in pieces.randomElement(using: &random) ?? "" }.joined()
    let end = content.hasPrefix("\r\n") ? 0 : content.utf8.count
    let lines = lines(of: Array(content.utf8).prefix(end))
    let expected = lines.prefix { !$0.isEmpty }.count { line in
      String(decoding: line, as: UTF8.self).lowercased().wholeMatch(of: /received[ \t]*:.*/) != nil
    }
    var counter = HopCounter()
    for piece in Chunking.random(seed: seed).chunks(of: Array(content.utf8)) { counter.read(piece) }
    #expect(counter.count == expected, "seed \(seed): \(Escapes.encode(Array(content.utf8)))")
  }

  private func lines(of bytes: ArraySlice<UInt8>) -> [ArraySlice<UInt8>] {
    bytes.split(separator: 10, omittingEmptySubsequences: false).map { $0.last == 13 ? $0.dropLast() : $0 }
  }
}
