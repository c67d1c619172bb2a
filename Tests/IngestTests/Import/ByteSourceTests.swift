import Bytes
import TestSupport
import Testing

@testable import Ingest

struct ByteSourceTests {
  private static let text: [UInt8] = {
    var generator = SeededGenerator(seed: 20)
    return (0..<700_000).map { _ in UInt8.random(in: 0x20...0x50, using: &generator) }
  }()

  private func read(_ bytes: [UInt8], named name: String) throws -> [UInt8] {
    try withSource(bytes, named: name) { source in
      var result: [UInt8] = []
      while let chunk = try source.next() { result += chunk }
      #expect(source.progress == UInt64(bytes.count))
      return result
    }
  }

  @Test func `a plain file is read as it is`() throws {
    #expect(try read(Self.text, named: "a.mbox") == Self.text)
  }

  @Test func `a zst file is decompressed`() throws {
    #expect(try read(Zstd.compress(Self.text), named: "a.mbox.zst") == Self.text)
  }

  @Test func `frames one after another are one file`() throws {
    let both = Zstd.compress(Self.text) + Zstd.compress([1, 2, 3])
    #expect(try read(both, named: "a.zst") == Self.text + [1, 2, 3])
  }

  @Test(arguments: [0, 1, 100_000, 131_071, 131_072, 131_073, 200_000, 262_144, 393_216])
  func `a frame ends where it ends, whatever the buffers' sizes`(count: Int) throws {
    let content = Array(Self.text.prefix(count))
    #expect(try read(Zstd.compress(content), named: "a.zst") == content)
  }

  /// The last block's bytes are all read while the piece before has no room for what they stand for.
  @Test func `the end of a frame without checksum is not lost`() throws {
    // RFC 8878: magic number, no content size or checksum, a window of 128 KiB, two blocks that repeat a byte.
    func block(of byte: UInt8, isLast: Bool) -> [UInt8] {
      let header: UInt32 = (100_000 << 3) + 2 + (isLast ? 1 : 0)
      return [UInt8(header & 0xFF), UInt8(header >> 8 & 0xFF), UInt8(header >> 16), byte]
    }
    let blocks = block(of: 0x61, isLast: false) + block(of: 0x62, isLast: true)
    let frame: [UInt8] = [0x28, 0xB5, 0x2F, 0xFD, 0x00, 0x38] + blocks
    let expected = [UInt8](repeating: 0x61, count: 100_000) + [UInt8](repeating: 0x62, count: 100_000)
    #expect(try read(frame, named: "a.zst") == expected)
  }

  @Test func `an empty zst file holds nothing`() throws {
    #expect(try read([], named: "a.zst") == [])
  }

  @Test(arguments: [1, 3, 10, 1_000, 300_000])
  func `a cut zst file is an error after what could be read`(missing: Int) throws {
    let compressed = Zstd.compress(Self.text)
    #expect(throws: DecodingError.self) { try read(Array(compressed.dropLast(missing)), named: "a.zst") }
  }

  @Test func `a file that is not zstd is an error`() throws {
    #expect(throws: DecodingError.self) { try read(Self.text, named: "a.zst") }
  }

  @Test func `damage never traps and never gives more than bounded pieces`() throws {
    let seed: UInt64 = 77
    var generator = SeededGenerator(seed: seed)
    let whole = Zstd.compress(Array(Self.text.prefix(50_000)))
    for round in 0..<200 {
      var damaged = whole
      for _ in 0..<Int.random(in: 1...4, using: &generator) {
        damaged[Int.random(in: 0..<damaged.count, using: &generator)] ^= UInt8.random(in: 1...255, using: &generator)
      }
      try withSource(damaged, named: "a.zst") { source in
        do {
          while let piece = try source.next() { #expect(piece.count <= 1 << 17, "seed \(seed), round \(round)") }
        } catch is DecodingError {}
      }
    }
  }

  @Test func `a few bytes that stand for many come in pieces`() throws {
    let bomb = Zstd.compress([UInt8](repeating: 0, count: 64 << 20))
    #expect(bomb.count < 100_000)
    try withSource(bomb, named: "bomb.zst") { source in
      var count = 0
      var largest = 0
      while let piece = try source.next() {
        count += piece.count
        largest = max(largest, piece.count)
      }
      #expect(count == 64 << 20)
      #expect(largest <= 1 << 17)
    }
  }
}
