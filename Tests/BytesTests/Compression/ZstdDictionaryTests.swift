import Bytes
import Dictionaries
import TestSupport
import Testing

@Suite struct ZstdDictionaryTests {
  static let limit = 1 << 20
  static let text = Array("Please let me know if you have any questions or comments.\n\nBest regards,\nAlice\n".utf8)

  let first: ZstdDictionary
  /// The same with another id.
  let second: ZstdDictionary

  init() throws {
    let bytes = try #require(RecordDictionaryFiles.records.first)
    first = try ZstdDictionary(bytes, level: 3)
    second = try ZstdDictionary(Self.dictionary(bytes, id: 32_999), level: 1)
  }

  /// A dictionary begins with a magic number of four bytes; its id is the next four.
  static func dictionary(_ bytes: [UInt8], id: UInt32) -> [UInt8] {
    var bytes = bytes
    for index in 0..<4 { bytes[4 + index] = UInt8(truncatingIfNeeded: id >> UInt32(8 * index)) }
    return bytes
  }

  @Test func `what was compressed with a dictionary comes back`() throws {
    var random = SeededGenerator(seed: 4)
    for count in [0, 1, 100, 5_000, 300_000] {
      let words = (0..<count).map { _ in UInt8.random(in: 97...104, using: &random) }
      for bytes in [words, Self.text + words] {
        let frame = Zstd.compress(bytes, with: first)
        #expect(try Zstd.decompress(frame, limit: Self.limit, dictionaries: [first]) == bytes)
      }
    }
  }

  @Test func `a dictionary makes a short text shorter`() {
    #expect(Zstd.compress(Self.text, with: first).count < Zstd.compress(Self.text).count * 3 / 4)
  }

  @Test func `the frame says with which dictionary it is opened`() throws {
    #expect(first.id == 32_769)
    #expect(second.id == 32_999)
    // By turns, because frames of a thread share their contexts.
    for _ in 0..<3 {
      for frame in [
        Zstd.compress(Self.text, with: second), Zstd.compress(Self.text), Zstd.compress(Self.text, with: first),
      ] {
        #expect(try Zstd.decompress(frame, limit: Self.limit, dictionaries: [first, second]) == Self.text)
      }
    }
  }

  @Test func `an unknown dictionary is an error that names it`() {
    let frame = Zstd.compress(Self.text, with: second)
    let error = DecodingError(offset: 0, message: "zstd frame with the unknown dictionary 32999")
    #expect(throws: error) { try Zstd.decompress(frame, limit: Self.limit, dictionaries: [first]) }
    #expect(throws: error) { try Zstd.decompress(frame, limit: Self.limit) }
  }

  @Test func `a frame over the limit is refused`() {
    let frame = Zstd.compress([UInt8](repeating: 0, count: 1_000), with: first)
    #expect(throws: DecodingError.self) { try Zstd.decompress(frame, limit: 999, dictionaries: [first]) }
  }

  @Test func `every truncation is an error`() {
    let frame = Zstd.compress(Self.text, with: first)
    for count in 0..<frame.count {
      #expect(throws: DecodingError.self, "\(count) bytes") {
        try Zstd.decompress(Array(frame[..<count]), limit: Self.limit, dictionaries: [first])
      }
    }
  }

  @Test func `flipped bits and random bytes never trap`() throws {
    var random = SeededGenerator(seed: 5)
    let frame = Zstd.compress(Self.text, with: first)
    for bit in 0..<frame.count * 8 {
      var flipped = frame
      flipped[bit / 8] ^= 1 << UInt8(bit % 8)
      _ = try? Zstd.decompress(flipped, limit: Self.limit, dictionaries: [first, second])
    }
    for _ in 0..<20_000 {
      var bytes = frame
      for _ in 0..<4 {
        bytes[Int.random(in: 5..<bytes.count, using: &random)] = UInt8.random(in: 0...255, using: &random)
      }
      _ = try? Zstd.decompress(bytes, limit: Self.limit, dictionaries: [first, second])
    }
    #expect(try Zstd.decompress(frame, limit: Self.limit, dictionaries: [first]) == Self.text)
  }

  @Test func `bytes without an id or with damage are no dictionary`() throws {
    let bytes = try #require(RecordDictionaryFiles.records.first)
    #expect(throws: DecodingError.self) { try ZstdDictionary([], level: 1) }
    #expect(throws: DecodingError.self) { try ZstdDictionary(Self.text, level: 1) }
    #expect(throws: DecodingError.self) { try ZstdDictionary(Self.dictionary(bytes, id: 0), level: 1) }
    #expect(throws: DecodingError.self) { try ZstdDictionary(Array(bytes[..<40]), level: 1) }
  }

  @Test func `threads share a dictionary`() async throws {
    try await withThrowingTaskGroup(of: Void.self) { group in
      for task in 0..<8 {
        group.addTask {
          for round in 0..<200 {
            let bytes = Self.text + Array("\(task) \(round)".utf8)
            let back = try Zstd.decompress(
              Zstd.compress(bytes, with: first), limit: Self.limit, dictionaries: [first])
            #expect(back == bytes)
          }
        }
      }
      try await group.waitForAll()
    }
  }
}
