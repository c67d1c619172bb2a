import Bytes
import Foundation
import HTTPAPI
import TestSupport
import Testing

struct RFC3339Tests {
  @Test(
    arguments: [
      (0, "1970-01-01T00:00:00.000Z"), (-1, "1969-12-31T23:59:59.999Z"), (951_782_400_000, "2000-02-29T00:00:00.000Z"),
      (1_714_555_800_123, "2024-05-01T09:30:00.123Z"), (253_402_300_799_999, "9999-12-31T23:59:59.999Z"),
      (-62_167_219_200_000, "0000-01-01T00:00:00.000Z"),
    ] as [(Int64, String)])
  func `a time is written in UTC with milliseconds`(milliseconds: Int64, text: String) {
    #expect(RFC3339.text(Timestamp(rawValue: milliseconds)) == text)
  }

  @Test(arguments: [253_402_300_800_000, -62_167_219_200_001, Int64.max, Int64.min])
  func `a year that cannot be written is none`(milliseconds: Int64) {
    #expect(RFC3339.text(Timestamp(rawValue: milliseconds)) == nil)
  }

  @Test(arguments: [UInt64(7)])
  func `any time is what the system's calendar says`(seed: UInt64) throws {
    var generator = SeededGenerator(seed: seed)
    let style = Date.ISO8601FormatStyle(includingFractionalSeconds: true)
    for _ in 0..<500 {
      let second = Int64.random(in: -2_208_988_800...32_503_680_000, using: &generator)
      let text = try #require(RFC3339.text(Timestamp(rawValue: second * 1_000)))
      #expect(text == Date(timeIntervalSince1970: Double(second)).formatted(style), "seed \(seed)")
    }
  }
}
