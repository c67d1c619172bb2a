import Analysis
import Bytes
import Dictionaries
import TestSupport
import Testing

@testable import Index

@Suite struct RecordDictionariesTests {
  /// The example of the format page, as version 1 made its frame, without and with the dictionary.
  static let withoutDictionary =
    "28 b5 2f fd 20 40 01 02 00 01 02 48 69 01 01 02 41 6c 0b 61 40 78 2e 65 78 61 6d 70 6c 65 01 00 0b 62 40 78 2e 65 78 "
    + "61 6d 70 6c 65 00 00 00 06 4c 75 6e 63 68 3f 01 05 6d 2e 70 64 66 01 04 6d 65 6e 75 00 01 03 31 40 78"
  static let withDictionary1 =
    "28 b5 2f fd 22 01 80 40 ad 01 00 e3 42 0a 4a 7e 60 00 a0 26 90 ba 17 00 8a db 3e cb 13 00 95 d2 69 14 2c 92 c4 34 4d "
    + "21 1c 13 a5 e4 47 e3 98 2a 37 28 4a b6 dc a0 02 02 fc 31 82 68 c4 67 79 a3"
  /// A longer one without dictionary, of which zstd compressed the letters.
  static let compressedWithoutDictionary =
    "28 b5 2f fd 20 6f 15 03 00 52 86 16 1b 70 6b 73 44 6c 62 31 68 57 6c f8 11 4f 9f 63 31 98 cf da 40 00 74 9f 14 b2 52 "
    + "06 2f 09 00 89 88 68 17 14 68 87 46 13 6f ec da 07 08 29 6d 31 e5 da 9d 86 9f a5 be 43 15 76 d8 63 84 f2 83 ad 85 "
    + "cf d8 7d fd a6 df 42 42 44 43 82 f9 65 30 fa ae bc a4 c9 2e 48 a6 22 20 19 01 00 c5 36 c7"

  static func bytes(_ hex: String) -> [UInt8] { hex.split(separator: " ").compactMap { UInt8($0, radix: 16) } }

  /// A dictionary that changes makes every frame unreadable that was stored with it: make a new one with the next id.
  @Test func `a dictionary that shipped never changes`() {
    let shipped: [(id: UInt32, byteCount: Int, hash: UInt64)] = [
      (32_769, 32_768, 0x3861_D4CC_4D40_5BF3)
    ]
    #expect(RecordDictionaryFiles.records.count == shipped.count)
    for (bytes, expected) in zip(RecordDictionaryFiles.records, shipped) {
      var hash = FileHash()
      hash.update(bytes)
      #expect(bytes.count == expected.byteCount && hash.value == expected.hash, "dictionary \(expected.id)")
    }
    #expect(RecordDictionaries.all.map(\.id) == shipped.map(\.id))
  }

  @Test(arguments: [withoutDictionary, withDictionary1])
  func `a frame of every version opens`(frame: String) throws {
    #expect(try EncodedRecord.open(Self.bytes(frame)) == ExtractedTextRecordTests.exampleWithoutNames)
  }

  @Test func `a compressed frame without dictionary opens`() throws {
    let record = try EncodedRecord.open(Self.bytes(Self.compressedWithoutDictionary))
    #expect(record.body == "Please let me know if you have any questions.\n\nBest regards,\nAl\n")
    #expect(record.messageID == "1@x")
  }

  @Test func `a new frame names the newest dictionary and is smaller than without`() throws {
    let record = Samples.record(
      "Meeting on Monday", body: "Please let me know if you have any questions.\n\nThanks,\nAl")
    let frame = EncodedRecord.make(record, try .builtIn()).frame
    #expect(RecordDictionaries.newest.id == RecordDictionaries.all.map(\.id).max())
    // One segment, two bytes of dictionary id, one of size.
    #expect(frame[4] == 0x22)
    #expect(UInt32(frame[5]) | UInt32(frame[6]) << 8 == RecordDictionaries.newest.id)
    #expect(frame.count < Zstd.compress(record.encode()).count * 3 / 4)
    #expect(try EncodedRecord.open(frame) == record)
  }

  @Test func `a frame of an unknown dictionary is an error that names it`() {
    var frame = Self.bytes(Self.withDictionary1)
    frame[5] = 0xE7
    #expect(throws: DecodingError(offset: 0, message: "zstd frame with the unknown dictionary 32999")) {
      try EncodedRecord.open(frame)
    }
  }

  @Test(arguments: [withoutDictionary, withDictionary1, compressedWithoutDictionary])
  func `every truncation is an error and no flipped bit traps`(hex: String) {
    let frame = Self.bytes(hex)
    for count in 0..<frame.count {
      #expect(throws: DecodingError.self, "\(count) bytes") { try EncodedRecord.open(Array(frame[..<count])) }
    }
    for bit in 0..<frame.count * 8 {
      var flipped = frame
      flipped[bit / 8] ^= 1 << UInt8(bit % 8)
      _ = try? EncodedRecord.open(flipped)
    }
    for (offset, flipped) in flips(of: frame).prefix(4) {
      #expect(throws: DecodingError.self, "byte \(offset)") { try EncodedRecord.open(flipped) }
    }
  }
}
