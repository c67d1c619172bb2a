private import CICU

/// Letters without their diacritics (Latin, Greek, Cyrillic, Hebrew, Arabic), and the rule that needs both forms: an
/// accent that was typed must match, an unaccented letter matches both.
enum Diacritics {
  /// The term without its diacritics, or `nil` when it has none.
  static func folded(_ term: Span<UInt8>) -> [UInt8]? {
    guard hasDiacritics(term) else { return nil }
    var folded: [UInt8] = []
    folded.reserveCapacity(term.count)
    var index = 0
    while index < term.count {
      let (scalar, byteCount) = UTF8Scalar.decode(term, at: index)
      index += max(1, byteCount)
      let (first, second) = fold(scalar)
      if first != 0 { UTF8Scalar.append(first, to: &folded) }
      if second != 0 { UTF8Scalar.append(second, to: &folded) }
    }
    return folded.isEmpty ? nil : folded
  }

  /// Whether a typed term agrees with a text's term letter by letter: `resumé` with `résumé` and not with `resume`. What
  /// agrees is equal when both are folded.
  ///
  /// - Parameter isPrefix: whether the text's term may go on.
  static func agree(typed: Span<UInt8>, with term: Span<UInt8>, isPrefix: Bool) -> Bool {
    var wanted = 0
    var index = 0
    while index < term.count {
      if isPrefix, wanted == typed.count { return true }
      let (scalar, byteCount) = UTF8Scalar.decode(term, at: index)
      index += max(1, byteCount)
      if take(scalar, of: typed, at: &wanted) { continue }
      let (first, second) = fold(scalar)
      if first == scalar { return false }
      for part in [first, second] where part != 0 {
        if isPrefix, wanted == typed.count { return true }
        guard take(part, of: typed, at: &wanted) else { return false }
      }
    }
    return wanted == typed.count
  }

  private static func take(_ scalar: UInt32, of typed: Span<UInt8>, at index: inout Int) -> Bool {
    guard index < typed.count else { return false }
    let (next, byteCount) = UTF8Scalar.decode(typed, at: index)
    guard next == scalar else { return false }
    index += max(1, byteCount)
    return true
  }

  private static func hasDiacritics(_ term: Span<UInt8>) -> Bool {
    var index = 0
    while index < term.count {
      if term[index] < 0x80 {
        index += 1
        continue
      }
      let (scalar, byteCount) = UTF8Scalar.decode(term, at: index)
      if ScalarTable.shared[scalar].folds { return true }
      index += max(1, byteCount)
    }
    return false
  }

  /// The one or two scalars that stand for a scalar, 0 for none. Folding again changes nothing.
  private static func fold(_ scalar: UInt32) -> (first: UInt32, second: UInt32) {
    var first = scalar
    // ǿ loses its acute first, then its stroke.
    for _ in 0..<2 where first >= 0x80 && ScalarTable.shared[first].folds {
      let replacement = cicu_fold_diacritics(first)
      first = UInt32(truncatingIfNeeded: replacement)
      let second = UInt32(truncatingIfNeeded: replacement >> 32)
      if second != 0 { return (first, second) }
    }
    return (first, 0)
  }
}
