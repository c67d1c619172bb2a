import Bytes
import TestSupport
import Testing

@testable import Index

@Suite struct PackedColumnTests {
  @Test(arguments: [0, 1, 5, 7, 8, 13, 17, 31, 32])
  func `numbers of every width are found by ordinal`(width: Int) throws {
    var random = SeededGenerator(seed: UInt64(width))
    let limit = width == 32 ? UInt32.max : 1 << UInt32(width) - 1
    for count in [0, 1, 2, 63, 64, 65, 200] {
      let numbers = (0..<count).map { _ in UInt32.random(in: 0...limit, using: &random) }
      var writer = ByteWriter()
      PackedColumn.encode(numbers, into: &writer)
      var reader = ByteReader(writer.bytes)
      let column = try PackedColumn(from: &reader, count: count, below: 1 << 32)
      #expect(reader.isAtEnd && column.count == count)
      #expect((0..<count).map { column[$0] } == numbers)
    }
  }

  @Test func `a number that is too large, bytes that are missing and a width over 32 are errors`() throws {
    var writer = ByteWriter()
    PackedColumn.encode([1, 2, 3], into: &writer)
    #expect(writer.bytes == [2, 0b111001])
    func decode(_ bytes: [UInt8], below limit: Int) throws {
      var reader = ByteReader(bytes)
      _ = try PackedColumn(from: &reader, count: 3, below: limit)
    }
    try decode(writer.bytes, below: 4)
    #expect(throws: DecodingError.self) { try decode(writer.bytes, below: 3) }
    #expect(throws: DecodingError.self) { try decode([2], below: 4) }
    #expect(throws: DecodingError.self) { try decode([33] + [UInt8](repeating: 0, count: 20), below: 4) }
    #expect(throws: DecodingError.self) { try decode([0], below: 0) }
  }
}
