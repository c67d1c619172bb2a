import Bytes
import TestSupport
import Testing

@testable import Index

@Suite struct PostingListDecoderTests {
  private static func postings(_ count: Int) -> TermPostings {
    let ordinals = (0..<UInt32(count)).map { $0 * 3 + $0 % 2 }
    return TermPostings(ordinals, ordinals.map { UInt16($0 % 5 + 1) })
  }

  private static func decode(_ bytes: [UInt8], _ count: Int, limit: UInt32) throws -> TermPostings {
    var decoder = PostingListDecoder()
    var postings = TermPostings()
    try decoder.decode(bytes[...], count: count, limit: limit, into: &postings)
    return postings
  }

  @Test(arguments: [2, 127, 128, 129, 256, 300, 1_000])
  func `a list is read as it was written, behind what is there`(count: Int) throws {
    let postings = Self.postings(count)
    var encoder = PostingListEncoder()
    encoder.encode(Self.postings(400))
    encoder.encode(postings)
    let limit = UInt32(count * 3 + 1)
    #expect(try Self.decode(encoder.bytes, count, limit: limit) == postings)
    var decoder = PostingListDecoder()
    var twice = TermPostings()
    for _ in 0..<2 { try decoder.decode(encoder.bytes[...], count: count, limit: limit, into: &twice) }
    #expect(!twice.isAscending && twice.count == 2 * count && twice.isInRange)
    var halves = TermPostings()
    halves.append(twice, as: (0..<limit).map { $0 % 3 == 0 ? $0 / 3 : .max })
    #expect(halves.ordinals == (postings.ordinals + postings.ordinals).filter { $0 % 3 == 0 }.map { $0 / 3 })
  }

  @Test(arguments: [2, 130, 300])
  func `every truncation is an error, and no flipped bit traps`(count: Int) throws {
    var encoder = PostingListEncoder()
    encoder.encode(Self.postings(count))
    let bytes = encoder.bytes
    for end in bytes.indices {
      #expect(throws: DecodingError.self) { try Self.decode(Array(bytes[..<end]), count, limit: 2_000) }
    }
    for (offset, flipped) in flips(of: bytes) {
      guard let decoded = try? Self.decode(flipped, count, limit: 2_000) else { continue }
      #expect(decoded.count == count, "flipped at \(offset)")
      if decoded.isAscending, decoded.isInRange {
        encoder.encode(decoded)
        #expect(try Self.decode(encoder.bytes, count, limit: 2_000) == decoded, "flipped at \(offset)")
      }
    }
  }

  @Test func `a list that has other fields than it says of itself is an error`() throws {
    var encoder = PostingListEncoder()
    encoder.encode(TermPostings(Array(0..<300), [UInt16](repeating: 1, count: 300)))
    var bytes = encoder.bytes
    // The union of all masks is the list's first number, and a search passes over a list by it.
    #expect(bytes[0] == 1)
    bytes[0] = 2
    #expect(throws: DecodingError.self) { try Self.decode(bytes, 300, limit: 300) }
  }

  @Test func `a list whose fields are in other numbers of documents than it says is an error`() throws {
    var encoder = PostingListEncoder()
    encoder.encode(TermPostings(Array(0..<300), (0..<300).map { $0 < 100 ? 1 : 2 }))
    var bytes = encoder.bytes
    // The mask, the three sizes, of which the blocks' takes two bytes, then 100 in one byte and 200 in two.
    let counts = try #require(bytes.firstIndex(of: 100))
    #expect(Array(bytes[counts..<counts + 3]) == [100, 0xC8, 1])
    bytes[counts] = 101
    #expect(throws: DecodingError.self) { try Self.decode(bytes, 300, limit: 300) }
  }

  @Test func `positions beyond 32 bits are out of range`() {
    var postings = TermPostings()
    postings.append(0, field: 0, position: .max - 1)
    #expect(postings.isInRange)
    postings.append(0, field: 0, position: .max)
    #expect(!postings.isInRange)
  }
}
