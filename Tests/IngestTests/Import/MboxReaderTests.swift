import Testing
import TestSupport

@testable import Ingest

struct MboxReaderTests {
  private let separator = MboxText.separator

  @Test func `messages are cut at separators and lose the empty line before the next`() throws {
    let mbox = MboxText.mbox("Subject: One\n\nFirst.\n", "Subject: Two\n\nSecond.\n\n")
    #expect(try messages(in: mbox) == ["Subject: One\n\nFirst.\n", "Subject: Two\n\nSecond.\n\n"])
  }

  @Test func `an empty file has no messages`() throws {
    #expect(try messages(in: "") == [])
  }

  @Test func `what stands before the first separator is no message`() throws {
    #expect(
      try messages(in: "Some preamble.\n\n" + MboxText.mbox("Subject: One\n\nText.\n")) == ["Subject: One\n\nText.\n"])
  }

  @Test func `a file without separators says so`() throws {
    try withSource(Array("Subject: No mbox\n\nText.\n".utf8)) { source in
      var reader = MboxReader(source, maxByteCount: 1 << 20)
      let first = try reader.next()
      #expect(first == nil)
      #expect(!reader.hasSeparator)
    }
  }

  @Test func `a last line without line feed stays as it is`() throws {
    #expect(try messages(in: separator + "Subject: One\n\nThe end") == ["Subject: One\n\nThe end"])
  }

  @Test func `a separator cut off by the end of the file still begins a message`() throws {
    let mbox = MboxText.mbox("A: b\n\nText.\n") + String(separator.dropLast())
    #expect(try messages(in: mbox) == ["A: b\n\nText.\n", ""])
  }

  @Test func `a message without a body keeps the empty line that ends its header`() throws {
    #expect(
      try messages(in: MboxText.mbox("Subject: One\n\n", "Subject: Two\n")) == ["Subject: One\n\n", "Subject: Two\n\n"])
  }

  @Test func `line ends of CRLF are kept, also in separators and the empty lines before them`() throws {
    let mbox = MboxText.mbox("A: b\n\nOne.\n", "A: c\n\n>From here\n").replacing("\n", with: "\r\n")
    #expect(try messages(in: mbox) == ["A: b\r\n\r\nOne.\r\n", "A: c\r\n\r\nFrom here\r\n"])
  }

  @Test(arguments: [
    (">From here\n", "From here\n"), (">>From here\n", ">From here\n"), (">>>>From\n", ">>>>From\n"),
    ("> From here\n", "> From here\n"),
    (" >From here\n", " >From here\n"), (">from here\n", ">from here\n"),
  ])
  func `a quoted From loses one sign of its quoting`(quoted: String, expected: String) throws {
    #expect(try messages(in: MboxText.mbox("A: b\n\n" + quoted)) == ["A: b\n\n" + expected])
  }

  @Test(arguments: [
    "From here on it rains.\n", "From 9:30 to 10:30 on 2024\n", "From Monday, 3 May, the office is closed.\n",
    "From a@example.com Thu Nov 23 2026\n", "FROM a@example.com Thu Nov 23 22:20:01 2026\n",
  ])
  func `text after an empty line that begins with From is text`(line: String) throws {
    let message = "A: b\n\nText.\n\n" + line
    #expect(try messages(in: MboxText.mbox(message)) == [message])
  }

  @Test func `a separator needs an empty line before it`() throws {
    let message = "A: b\n\nHe wrote:\n" + separator + "and no more.\n"
    #expect(try messages(in: MboxText.mbox(message)) == [message])
  }

  @Test func `a message over the limit is passed over and the next one is whole`() throws {
    let mbox = Array(MboxText.mbox("A: b\n\n" + String(repeating: "long\n", count: 100), "A: c\n\nshort\n").utf8)
    let found = try messages(in: mbox, maxByteCount: 200)
    #expect(found.map(\.isOversize) == [true, false])
    #expect(found[0].bytes.count <= 200)
    #expect(found[1].bytes.elementsEqual("A: c\n\nshort\n".utf8))
  }

  @Test func `a line of ten megabytes comes through byte for byte`() throws {
    let message = Array("A: b\n\n".utf8) + [UInt8](repeating: 0x78, count: 10 << 20) + Array("\nAnd more.\n".utf8)
    let mbox = Array(separator.utf8) + message + [0x0A] + Array(MboxText.mbox("A: c\n\nNext.\n").utf8)
    let found = try messages(in: mbox, maxByteCount: 20 << 20)
    #expect(found.count == 2)
    #expect(found[0].bytes == message)
  }

  @Test(arguments: [-1, 0, 1])
  func `pieces of a long line are never taken for lines of their own`(shift: Int) throws {
    let start = separator + "A: b\n\n"
    let filler = try fillerToTheEndOfThePiece(after: start, shift: shift)
    for tail in ["\n" + separator + ">text\n", "\r\n" + separator, ">>From x\n", separator + "A: c\n\n"] {
      let message = Array("A: b\n\n".utf8) + filler + Array(tail.utf8)
      let found = try messages(in: Array(separator.utf8) + message + [0x0A], maxByteCount: 20 << 20)
      #expect(found.map(\.bytes) == [message], "\(tail.debugDescription)")
    }
  }

  @Test(arguments: [-1, 0, 1])
  func `a separator in the middle of a long first line begins nothing`(shift: Int) throws {
    let filler = try fillerToTheEndOfThePiece(after: "", shift: shift)
    #expect(try messages(in: filler + Array((separator + "A: b\n\n").utf8)).isEmpty)
  }

  /// So many bytes that a line of them, after `start`, is cut there and `shift` bytes on.
  private func fillerToTheEndOfThePiece(after start: String, shift: Int) throws -> [UInt8] {
    let probe = Array(start.utf8) + [UInt8](repeating: 0x78, count: 4 * LineReader.maxPiece)
    let piece = try withSource(probe) { source in
      var lines = LineReader(source)
      while let line = try lines.next() {
        if line.bytes.first == 0x78 { return line.bytes.count }
      }
      return 0
    }
    #expect(piece >= LineReader.maxPiece)
    return [UInt8](repeating: 0x78, count: piece + shift)
  }

  @Test func `mboxes written by the rules of mboxrd come back as they were`() throws {
    let seed: UInt64 = 0x6D62_6F78
    var generator = SeededGenerator(seed: seed)
    let lines = [
      "", "From ", ">From x", "From a@example.com Thu Nov 23 22:20:01 2026", ">", "text", ">>From", "\r", "From: b",
    ]
    for round in 0..<200 {
      let originals = (0..<Int.random(in: 1...5, using: &generator)).map { _ in
        ["A: b", ""]
          + (0..<Int.random(in: 0...8, using: &generator)).map { _ in lines.randomElement(using: &generator)! }
      }
      let mbox = originals.map { separator + text($0.map { isFrom($0) ? ">" + $0 : $0 }) + "\n" }.joined()
      #expect(try messages(in: mbox) == originals.map(text), "seed \(seed), round \(round)")
    }
  }

  private func text(_ lines: [String]) -> String { lines.map { $0 + "\n" }.joined() }

  private func isFrom(_ line: String) -> Bool { line.drop { $0 == ">" }.hasPrefix("From ") }
}
