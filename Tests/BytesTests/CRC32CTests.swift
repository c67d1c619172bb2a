import Bytes
import Testing

struct CRC32CTests {
  @Test(arguments: [
    ("123456789", UInt32(0xE306_9283)),
    ("", 0),
    ("a", 0xC1D0_4330),
  ])
  func `matches the published check values`(text: String, expected: UInt32) {
    #expect(CRC32C.checksum(Array(text.utf8)) == expected)
  }

  @Test func `matches the iSCSI examples of RFC 3720 appendix B 4`() {
    #expect(CRC32C.checksum([UInt8](repeating: 0, count: 32)) == 0x8A91_36AA)
    #expect(CRC32C.checksum([UInt8](repeating: 0xFF, count: 32)) == 0x62A8_AB43)
    #expect(CRC32C.checksum([UInt8](0..<32)) == 0x46DD_794E)
  }

  @Test func `does not depend on how the bytes are cut`() {
    let bytes = (0..<1_000).map { UInt8(truncatingIfNeeded: $0 &* 7) }
    for cut in [0, 1, 7, 8, 9, 500, 999, 1_000] {
      var crc = CRC32C()
      crc.update(Array(bytes[..<cut]))
      crc.update(Array(bytes[cut...]))
      #expect(crc.value == CRC32C.checksum(bytes))
    }
  }
}
