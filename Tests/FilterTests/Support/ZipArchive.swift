/// A zip archive of stored files (PKWARE's APPNOTE §4.3), made byte by byte so that it can say what no program would write.
struct ZipArchive {
  private var local: [UInt8] = []
  private var central: [UInt8] = []
  private var count = 0

  /// - Parameter isEncrypted: says so; the content stays as it is.
  mutating func add(_ name: String, _ content: [UInt8], isEncrypted: Bool = false, declaredSize: Int? = nil) {
    var common = Self.bytes(20, 2)
    common += Self.bytes(isEncrypted ? 1 : 0, 2) + Self.bytes(0, 6)
    common += Self.bytes(Self.checksum(content), 4) + Self.bytes(content.count, 4)
    common += Self.bytes(declaredSize ?? content.count, 4)
    common += Self.bytes(name.utf8.count, 2) + Self.bytes(0, 2)
    central += Self.bytes(0x0201_4B50, 4) + Self.bytes(20, 2)
    central += common
    central += Self.bytes(0, 10) + Self.bytes(local.count, 4)
    central += Array(name.utf8)
    local += Self.bytes(0x0403_4B50, 4)
    local += common
    local += Array(name.utf8) + content
    count += 1
  }

  var bytes: [UInt8] {
    var end = Self.bytes(0x0605_4B50, 4) + Self.bytes(0, 4)
    end += Self.bytes(count, 2) + Self.bytes(count, 2)
    end += Self.bytes(central.count, 4) + Self.bytes(local.count, 4)
    return local + central + end + Self.bytes(0, 2)
  }

  static func of(_ name: String, _ content: [UInt8], isEncrypted: Bool = false) -> [UInt8] {
    var archive = ZipArchive()
    archive.add(name, content, isEncrypted: isEncrypted)
    return archive.bytes
  }

  private static func bytes(_ value: Int, _ count: Int) -> [UInt8] {
    (0..<count).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
  }

  /// CRC-32 (ISO 3309), bit by bit.
  private static func checksum(_ content: [UInt8]) -> Int {
    var sum: UInt32 = .max
    for byte in content {
      sum ^= UInt32(byte)
      for _ in 0..<8 { sum = sum >> 1 ^ (sum & 1 == 1 ? 0xEDB8_8320 : 0) }
    }
    return Int(~sum)
  }
}
