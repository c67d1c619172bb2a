import Bytes
import TestSupport
import Testing

@testable import MailStore

struct PackFrameTests {
  private func encode(_ record: PackRecord, at offset: UInt64 = 1_024, salt: UInt64 = 7) -> [UInt8] {
    let frame = EncodedFrame(record)
    var writer = ByteWriter()
    frame.encode(into: &writer, at: offset, batchStart: offset, salt: salt)
    #expect(writer.count % 8 == 0)
    return Array(writer.bytes.prefix(Int(frame.byteCount)))
  }

  private func decode(
    _ frame: [UInt8], at offset: UInt64 = 1_024, salt: UInt64 = 7, limit: Int = 1 << 20
  ) throws -> PackRecord {
    try PackRecord.decode(frame: frame[...], at: offset, salt: salt, limit: limit)
  }

  @Test func `the worked example of the format page`() throws {
    let header = PackHeader(number: 7, salt: 0x0102_0304_0506_0708)
    let expectedHeader: [UInt8] = [
      0x4D, 0x44, 0x58, 0x50, 0x41, 0x43, 0x4B, 0x00, 0x01, 0x00, 0x00, 0x00, 0x07, 0x00, 0x00, 0x00,
      0x08, 0x07, 0x06, 0x05, 0x04, 0x03, 0x02, 0x01, 0x00, 0x00, 0x00, 0x00, 0x6C, 0x39, 0xAC, 0xC4,
    ]
    #expect(Array(header.encoded.prefix(32)) == expectedHeader)
    #expect(header.encoded.count == 1_024)
    #expect(Array(header.encoded[0..<32]) == Array(header.encoded[512..<544]))
    let frame = encode(PackRecord(kind: .original, bytes: Array("Hi!\r\n".utf8)), salt: header.salt)
    let expectedFrame: [UInt8] = [
      0xC8, 0x36, 0xE0, 0xA0, 0x1D, 0x00, 0x00, 0x00, 0x04, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
      0x79, 0xEE, 0x1D, 0x0F, 0x05, 0x00, 0x00, 0x00, 0x48, 0x69, 0x21, 0x0D, 0x0A,
    ]
    #expect(frame == expectedFrame)
  }

  @Test(arguments: [0, 1, 7, 8, 63, 64, 65, 3_000, 100_000])
  func `a record comes back, whether it compresses or not`(byteCount: Int) throws {
    var random = SeededGenerator(seed: UInt64(byteCount))
    let noise = (0..<byteCount).map { _ in UInt8.random(in: 0 ... .max, using: &random) }
    let text = [UInt8](repeating: UInt8(ascii: "a"), count: byteCount)
    for bytes in [noise, text] {
      for kind in PackRecord.Kind.allCases {
        let record = PackRecord(kind: kind, bytes: bytes)
        #expect(try decode(encode(record)) == record)
      }
    }
    if byteCount >= 64 { #expect(encode(PackRecord(kind: .original, bytes: text)).count < byteCount + 24) }
    #expect(encode(PackRecord(kind: .original, bytes: noise)).count == byteCount + 24, "noise is stored as it is")
  }

  @Test func `every truncation is damage`() {
    let frame = encode(PackRecord(kind: .received, bytes: Array("From: a@example.org\r\n\r\nhello hello hello".utf8)))
    for count in 0..<frame.count {
      #expect(throws: PackFrame.Damage.self, "\(count) bytes") { try decode(Array(frame[..<count])) }
    }
  }

  @Test func `every flipped bit is damage`() {
    let text = String(repeating: "From: a@example.org\r\n\r\nhello ", count: 5)
    let frame = encode(PackRecord(kind: .received, bytes: Array(text.utf8)))
    for index in frame.indices {
      for bit in 0..<8 {
        var flipped = frame
        flipped[index] ^= 1 << UInt8(bit)
        #expect(throws: PackFrame.Damage.self, "byte \(index) bit \(bit)") { try decode(flipped) }
      }
    }
  }

  @Test func `a frame is good only at its place and in its file`() throws {
    let frame = encode(PackRecord(kind: .original, bytes: [1, 2, 3]), at: 2_048, salt: 9)
    _ = try decode(frame, at: 2_048, salt: 9)
    #expect(throws: PackFrame.Damage.self) { try decode(frame, at: 2_056, salt: 9) }
    #expect(throws: PackFrame.Damage.self) { try decode(frame, at: 2_048, salt: 10) }
  }

  @Test func `a decompression bomb is refused before it takes memory`() {
    // Frames with good checksums whose sizes lie, as only an attacker writes them.
    let bomb = Zstd.compress([UInt8](repeating: 0, count: 50 << 20))
    for (claimed, limit) in [(UInt32(50 << 20), 1 << 20), (1_000, 1 << 20), (0, 1 << 20)] {
      let header = PackFrame.Header(
        frameByteCount: UInt32(24 + bomb.count), kind: PackRecord.Kind.original.rawValue, encoding: 1, batchOffset: 0,
        payloadChecksum: CRC32C.checksum(bomb), plainByteCount: claimed)
      var writer = ByteWriter()
      header.encode(into: &writer, at: 1_024, salt: 7)
      writer.write(bomb)
      #expect(throws: PackFrame.Damage.self, "claims \(claimed)") { try decode(writer.bytes, limit: limit) }
    }
  }

  @Test func `an unknown kind or encoding is damage when read`() {
    for (kind, encoding) in [(UInt8(99), UInt8(0)), (4, 7)] {
      let header = PackFrame.Header(
        frameByteCount: 25, kind: kind, encoding: encoding, batchOffset: 0, payloadChecksum: CRC32C.checksum([5]),
        plainByteCount: 1)
      var writer = ByteWriter()
      header.encode(into: &writer, at: 1_024, salt: 7)
      writer.write(UInt8(5))
      #expect(throws: PackFrame.Damage.self) { try decode(writer.bytes) }
    }
  }

  @Test func `one whole header copy is enough`() throws {
    let header = PackHeader(number: 3, salt: 99)
    for copy in [0, 512] {
      var bytes = header.encoded
      bytes[copy + 17] ^= 1
      #expect(try PackHeader.decode(bytes, file: "x") == header)
    }
    var bytes = header.encoded
    bytes[17] ^= 1
    bytes[512 + 17] ^= 1
    #expect { try PackHeader.decode(bytes, file: "x") } throws: { error in
      (error as? PackProblem)?.file == "x" && (error as? PackProblem)?.offset == 0
    }
    for count in 0..<31 {
      #expect(throws: PackProblem.self) { try PackHeader.decode(Array(header.encoded[..<count]), file: "x") }
    }
  }

  @Test func `the header of a newer version is no damage`() throws {
    let newer = PackHeader(version: 2, number: 3, salt: 99)
    #expect(try PackHeader.decode(newer.encoded, file: "x") == newer)
  }
}
