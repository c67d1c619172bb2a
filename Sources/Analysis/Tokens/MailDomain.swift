/// The domain inside a compound: what follows the last `@`, or, in a compound without one, all of it (list identifiers
/// are domains).
struct MailDomain {
  /// Longer suffixes are not emitted (RFC 5321 §4.5.3.1.2), which bounds the work on hostile text.
  static let maxByteCount = 255

  /// What stands before the `@`; `nil` without one.
  let localPart: Range<Int>?
  private let start: Int

  init(_ unit: MailWords.Unit, in bytes: Span<UInt8>) {
    if let at = unit.atSign {
      localPart = unit.range.lowerBound..<at
      start = at + 1
    } else {
      localPart = nil
      start = unit.range.lowerBound
    }
  }

  func isLabelStart(_ index: Int, in bytes: Span<UInt8>) -> Bool {
    index == start || (index > start && bytes[index - 1] == UInt8(ascii: "."))
  }
}
