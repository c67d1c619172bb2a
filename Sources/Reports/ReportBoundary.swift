import Crypto

/// The line between the parts of a report (RFC 2046 §5.1.1): the same for the same parts, and in none of them.
enum ReportBoundary {
  /// The hash is of the parts, so that a mail cannot hold the boundary of its own report; it is looked for nevertheless.
  static func make(for parts: [[UInt8]], hash: ([[UInt8]], Int) -> [UInt8] = digest) -> String {
    var attempt = 0
    while true {
      let digits = hash(parts, attempt).prefix(16).map { byte in
        let text = String(byte, radix: 16)
        return byte < 16 ? "0" + text : text
      }
      let boundary = "=_report_" + digits.joined()
      if !parts.contains(where: { holds($0, Array(boundary.utf8)) }) { return boundary }
      attempt += 1
    }
  }

  static func digest(_ parts: [[UInt8]], _ attempt: Int) -> [UInt8] {
    var hash = SHA256()
    hash.update(data: Array("\(attempt)".utf8))
    for part in parts { hash.update(data: part) }
    return Array(hash.finalize())
  }

  private static func holds(_ bytes: [UInt8], _ wanted: [UInt8]) -> Bool {
    guard let first = wanted.first else { return true }
    var rest = bytes[...]
    while let index = rest.firstIndex(of: first) {
      if rest[index...].starts(with: wanted) { return true }
      rest = rest[(index + 1)...]
    }
    return false
  }
}
