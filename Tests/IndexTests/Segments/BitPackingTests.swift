import Bytes
import TestSupport
import Testing

@testable import Index

@Suite struct BitPackingTests {
  @Test(arguments: 0...32)
  func `what is packed is unpacked, at every width`(width: Int) {
    var random = SeededGenerator(seed: UInt64(width))
    for round in 0..<20 {
      let greatest = UInt32.max >> UInt32(32 - max(width, 1))
      let values = (0..<128).map { index -> UInt32 in
        if width == 0 { return 0 }
        return round == 0
          ? greatest : round == 1 ? (index == 77 ? greatest : 0) : .random(in: 0...greatest, using: &random)
      }
      var writer = ByteWriter()
      BitPacking.pack(values.span, width: width, into: &writer)
      #expect(writer.count == BitPacking.byteCount(width: width))
      var unpacked = [UInt32](repeating: 0xFFFF_FFFF, count: 128)
      BitPacking.unpack(writer.bytes.span, width: width, into: &unpacked)
      #expect(unpacked == values)
    }
  }

  @Test func `the bytes are those of the format`() {
    // Width 3: lane 0 holds the values 0, 4, 8 and so on: 0, 4, 0, 4 … from the least significant bit on.
    var writer = ByteWriter()
    let values = (0..<128).map { UInt32($0 % 8) }
    BitPacking.pack(values.span, width: 3, into: &writer)
    #expect(hex(Array(writer.bytes[..<16])) == "20 08 82 20 69 9a a6 69 b2 2c cb b2 fb be ef fb")
  }
}
