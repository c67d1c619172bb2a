import Bytes
import TestSupport
import Testing

@testable import MailStore

struct PackLocationsTests {
  private let frames: [(offset: UInt64, byteCount: UInt32)] = [
    (1_024, 100), (1_128, 24), (9_000, 7_777), (1 << 35, 25),
  ]

  @Test func `each frame is found by its old place and by its new one, and nothing else is`() throws {
    let locations = try PackLocations(PackLocations.record(of: frames).bytes, start: 2_048)
    let positions: [UInt64] = [2_048, 2_152, 2_176, 2_176 + 7_784]
    #expect(locations.count == 4 && locations.byteCount == 104 + 24 + 7_784 + 32)
    for (frame, position) in zip(frames, positions) {
      #expect(locations.position(of: frame.offset) == position)
      #expect(locations.offset(at: position) == frame.offset)
    }
    for other in [0, 1_032, 1_152, 2_049, .max] as [UInt64] { #expect(locations.position(of: other) == nil) }
    #expect(locations.offset(at: 1_024) == nil)
    let none = try PackLocations(PackLocations.record(of: []).bytes, start: 1_056)
    #expect(none.position(of: 1_024) == nil && none.count == 0)
  }

  @Test func `golden bytes`() {
    // Four frames; the gap before each in eights, and its length.
    #expect(
      PackLocations.record(of: Array(frames.prefix(3))).bytes == [3, 0, 100, 0, 24, 0xD5, 0x07, 0xE1, 0x3C])
  }

  @Test func `cut off, too long, or with numbers out of range it is refused without a trap`() {
    let bytes = PackLocations.record(of: frames).bytes
    for count in bytes.indices {
      #expect(throws: DecodingError.self, "\(count)") { try PackLocations(Array(bytes[..<count]), start: 1_024) }
    }
    #expect(throws: DecodingError.self) { try PackLocations(bytes + [0], start: 1_024) }
    func table(_ values: UInt64...) -> [UInt8] {
      var writer = ByteWriter()
      for value in values { writer.writeVarint(value) }
      return writer.bytes
    }
    for bytes in [
      table(1, .max, 24), table(1, 0, 23), table(1, 0, 1 << 33), table(1, 1 << 60, 24), table(.max),
      table(3, (1 << 58) - 1, 24, (1 << 58) - 1, 24, (1 << 58) - 1, 24),
    ] { #expect(throws: DecodingError.self) { try PackLocations(bytes, start: 1_024) } }
  }

  @Test func `whatever the bytes, reading them ends without a trap`() {
    let seed = UInt64.random(in: 0 ... .max)
    var random = SeededGenerator(seed: seed)
    for _ in 0..<5_000 {
      var bytes = PackLocations.record(of: frames).bytes
      for _ in 0..<Int.random(in: 1...4, using: &random) {
        bytes[Int.random(in: bytes.indices, using: &random)] = UInt8.random(in: 0 ... .max, using: &random)
      }
      guard let locations = try? PackLocations(bytes, start: 1_024) else { continue }
      #expect(locations.byteCount % 8 == 0, "seed \(seed)")
    }
  }
}
