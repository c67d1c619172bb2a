/// A document's text as it grows, up to a limit: runs of blanks are one, and lines end where the document says.
struct DocumentBuffer {
  let limit: Int
  private var bytes: [UInt8] = []
  private var pending: Separator = .none

  private enum Separator: Int, Comparable {
    case none, blank, line
    static func < (left: Self, right: Self) -> Bool { left.rawValue < right.rawValue }
  }

  init(limit: Int) { self.limit = limit }

  /// There is more text than the limit allows: nothing more is needed.
  var isFull: Bool { bytes.count > limit }

  mutating func blank() { pending = max(pending, .blank) }

  mutating func line() { pending = .line }

  mutating func append(_ text: some Sequence<UInt8>) {
    for byte in text {
      if byte <= 0x20 || byte == 0x7F {
        blank()
        continue
      }
      if pending != .none, !bytes.isEmpty { bytes.append(pending == .line ? 0x0A : 0x20) }
      pending = .none
      bytes.append(byte)
      if isFull { return }
    }
  }

  mutating func append(_ text: String) { append(text.utf8) }

  /// The text, cut between characters.
  func finish() -> [UInt8] {
    guard isFull else { return bytes }
    var end = limit
    while end > 0, bytes[end] & 0xC0 == 0x80 { end -= 1 }
    return Array(bytes[..<end])
  }
}
