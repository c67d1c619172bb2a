import Bytes
import TestSupport
import Testing

@testable import Index

@Suite struct StringTableTests {
  private static func random(_ count: Int) -> [[UInt8]] {
    var random = SeededGenerator(seed: UInt64(count))
    let strings = (0..<count).map { _ in
      (0..<Int.random(in: 0...9, using: &random)).map { _ in UInt8.random(in: 96...99, using: &random) }
    }
    return Set(strings).sorted { $0.precedes($1) }
  }

  private static func table(_ strings: [[UInt8]]) throws -> StringTable {
    var writer = ByteWriter()
    StringTable.encode(strings, into: &writer)
    var reader = ByteReader(writer.bytes)
    let table = try StringTable(from: &reader, limit: strings.count)
    #expect(reader.isAtEnd)
    return table
  }

  @Test(arguments: [0, 1, 15, 16, 17, 300])
  func `each string is found by its number and each number by its string`(count: Int) throws {
    let strings = Self.random(count)
    let table = try Self.table(strings)
    #expect(table.count == strings.count)
    #expect((0..<table.count).map { table[$0] } == strings)
    for (number, string) in strings.enumerated() {
      #expect(table.number(of: string) == number)
      #expect(table.number(of: string + [0]) == nil)
    }
    #expect(table.number(of: [255]) == nil)
  }

  @Test func `strings that do not ascend, and more than allowed, are errors`() throws {
    var writer = ByteWriter()
    StringTable.encode([[1], [1]], into: &writer)
    var reader = ByteReader(writer.bytes)
    #expect(throws: DecodingError.self) { try StringTable(from: &reader, limit: 9) }
    writer = ByteWriter()
    StringTable.encode([[1], [2]], into: &writer)
    reader = ByteReader(writer.bytes)
    #expect(throws: DecodingError.self) { try StringTable(from: &reader, limit: 1) }
  }
}
