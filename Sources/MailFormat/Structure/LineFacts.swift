/// What one look at all bytes of a mail tells.
struct LineFacts {
  /// RFC 5322 §2.1.1: 998 bytes and the line end.
  private static let longestLine = 998

  private(set) var defects = DefectSet()
  /// LF; CR in the rare mail that has no LF at all.
  private(set) var newline: UInt8 = 0x0A

  init(_ bytes: Span<UInt8>, end: Int) {
    var hasNUL = false
    var longest = 0
    var lineStart = 0
    var hasReturn = false
    for index in 0..<end {
      let byte = bytes[index]
      guard byte < 0x0E else { continue }
      if byte == 0x0A {
        longest = max(longest, index &- lineStart)
        lineStart = index &+ 1
      } else if byte == 0x0D {
        hasReturn = true
      } else if byte == 0 {
        hasNUL = true
      }
    }
    if lineStart == 0 && hasReturn { newline = 0x0D }
    if newline == 0x0A && max(longest, end - lineStart) > Self.longestLine + 1 { defects.note(.longLine) }
    if hasNUL { defects.note(.nulByte) }
  }
}
