/// CRC-32C (Castagnoli), the checksum of iSCSI (RFC 3720 §12.1), ext4 and LevelDB. Slicing-by-8: eight table look-ups
/// for eight bytes.
package struct CRC32C: Sendable {
  private var state: UInt32 = ~0

  package init() {}

  package static func checksum(_ bytes: [UInt8]) -> UInt32 {
    var crc = CRC32C()
    crc.update(bytes)
    return crc.value
  }

  package static func checksum(_ bytes: ArraySlice<UInt8>) -> UInt32 {
    var crc = CRC32C()
    crc.update(bytes.span)
    return crc.value
  }

  package var value: UInt32 { ~state }

  package mutating func update(_ bytes: [UInt8]) { update(bytes.span) }

  package mutating func update(_ bytes: Span<UInt8>) {
    let table = Self.table.span
    var crc = state
    var index = 0
    while index &+ 8 <= bytes.count {
      let low =
        crc
        ^ (UInt32(bytes[index]) | UInt32(bytes[index &+ 1]) << 8 | UInt32(bytes[index &+ 2]) << 16
          | UInt32(bytes[index &+ 3]) << 24)
      crc = table[1792 &+ Int(low & 0xFF)] ^ table[1536 &+ Int(low >> 8 & 0xFF)]
      crc ^= table[1280 &+ Int(low >> 16 & 0xFF)] ^ table[1024 &+ Int(low >> 24)]
      crc ^= table[768 &+ Int(bytes[index &+ 4])] ^ table[512 &+ Int(bytes[index &+ 5])]
      crc ^= table[256 &+ Int(bytes[index &+ 6])] ^ table[Int(bytes[index &+ 7])]
      index &+= 8
    }
    while index < bytes.count {
      crc = crc >> 8 ^ table[Int((crc ^ UInt32(bytes[index])) & 0xFF)]
      index &+= 1
    }
    state = crc
  }

  /// Eight tables of 256 entries, one after another: entry `256 * k + b` is the CRC of byte `b` followed by k zeros.
  private static let table: [UInt32] = {
    var table = [UInt32](repeating: 0, count: 8 * 256)
    for byte in 0..<256 {
      var crc = UInt32(byte)
      for _ in 0..<8 { crc = crc & 1 == 1 ? crc >> 1 ^ 0x82F6_3B78 : crc >> 1 }
      table[byte] = crc
    }
    for slice in 1..<8 {
      for byte in 0..<256 {
        let previous = table[256 * (slice - 1) + byte]
        table[256 * slice + byte] = previous >> 8 ^ table[Int(previous & 0xFF)]
      }
    }
    return table
  }()
}
