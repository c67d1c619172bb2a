import Bytes
import TestSupport
import Testing

@testable import Index

@Suite struct PackedNumbersTests {
  @Test(arguments: [0, 1, 2, 7, 127, 128, 129, 256, 300])
  func `numbers are read as they were written, few and many, small and large`(count: Int) throws {
    var random = SeededGenerator(seed: UInt64(count))
    for width in 0...32 {
      for outliers in [0, 1, 5] {
        var numbers = (0..<count).map { _ in
          width == 0 ? 0 : UInt32.random(in: 0...UInt32.max >> UInt32(32 - width), using: &random)
        }
        for _ in 0..<outliers where count > 0 { numbers[Int.random(in: 0..<count, using: &random)] = .max }
        var writer = ByteWriter()
        PackedNumbers.encode(numbers, into: &writer)
        writer.write([0xAB])
        var reader = ByteReader(writer.bytes)
        var decoded: [UInt32] = [1, 2, 3]
        try PackedNumbers.decode(from: &reader, count: count, into: &decoded)
        #expect(Array(decoded.prefix(count)) == numbers)
        #expect(reader.remaining == 1, "width \(width), \(outliers) outliers")
      }
    }
  }

  @Test func `one large number among small ones does not make all of them large`() {
    var writer = ByteWriter()
    PackedNumbers.encode([1, 2, 3, 4_000_000_000, 5, 6, 7, 8], into: &writer)
    // Four bits each; the fourth number has 0xEE6B280 = 250,000,000 above its four bits, 0.
    #expect(hex(writer.bytes) == "3f 04 01 03 80 e5 9a 77 21 03 65 87")
    writer = ByteWriter()
    PackedNumbers.encode([1, 0, 1, 1, 0, 0, 0, 1, 1], into: &writer)
    #expect(hex(writer.bytes) == "01 8d 01")
  }

  @Test func `every truncation is an error`() {
    for numbers in [[7, 300, 2], [UInt32](repeating: 5, count: 130)] as [[UInt32]] {
      var writer = ByteWriter()
      PackedNumbers.encode(numbers, into: &writer)
      for count in 0..<writer.count {
        var decoded: [UInt32] = []
        #expect(throws: DecodingError.self) {
          var reader = ByteReader(Array(writer.bytes[..<count]))
          try PackedNumbers.decode(from: &reader, count: numbers.count, into: &decoded)
        }
      }
    }
  }
}
