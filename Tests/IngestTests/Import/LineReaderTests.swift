import Testing

@testable import Ingest

struct LineReaderTests {
  private func lines(_ text: String) throws -> [String] {
    try withSource(Array(text.utf8)) { source in
      var reader = LineReader(source)
      var lines: [String] = []
      while let line = try reader.next() { lines.append(String(decoding: line.bytes, as: UTF8.self)) }
      return lines
    }
  }

  @Test(arguments: [
    ("", []), ("\n", ["\n"]), ("a\nb\n", ["a\n", "b\n"]), ("a\n\nb", ["a\n", "\n", "b"]),
    ("a\r\nb\rc\n", ["a\r\n", "b\rc\n"]),
  ])
  func `a line ends with its line feed or the file`(text: String, expected: [String]) throws {
    #expect(try lines(text) == expected)
  }

  @Test func `lines that straddle the source's chunks are whole`() throws {
    let line = String(repeating: "x", count: 99_999) + "\n"
    #expect(try lines(String(repeating: line, count: 20)) == Array(repeating: line, count: 20))
  }

  @Test func `a line over the limit comes in pieces, of which only the first starts a line`() throws {
    let text = [UInt8](repeating: 0x78, count: 3 * LineReader.maxPiece) + Array("\n\nnext\n".utf8)
    try withSource(text) { source in
      var reader = LineReader(source)
      var starts: [Bool] = []
      var bytes: [UInt8] = []
      while let line = try reader.next() {
        starts.append(line.isStart)
        bytes += line.bytes
        #expect(line.bytes.count <= LineReader.maxPiece + (1 << 18))
      }
      #expect(bytes == text)
      #expect(starts.first == true)
      #expect(Array(starts.suffix(2)) == [true, true])
      #expect(starts.dropFirst().dropLast(2).allSatisfy { !$0 })
    }
  }

  @Test func `peeking takes nothing and tells the end from beyond it`() throws {
    let text = Array("one\ntwo\n".utf8) + [UInt8](repeating: 0x79, count: 600_000)
    try withSource(text) { source in
      var reader = LineReader(source)
      _ = try reader.next()
      let peeked = try [(0, 3), (500_000, 2), (600_003, 5), (600_004, 5), (600_005, 5)].map { distance, byteCount in
        try reader.peek(at: distance, byteCount: byteCount).map(Array.init)
      }
      #expect(peeked == [Array("two".utf8), [0x79, 0x79], [0x79], [], nil])
      let following = try reader.next()
      #expect(following.map { Array($0.bytes) } == Array("two\n".utf8))
    }
  }
}
