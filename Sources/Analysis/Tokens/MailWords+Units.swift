/// Finds where a unit ends: words without a space between them, joined by single joiners.
///
/// `_ - . @ / + & ' ~ \` join any words (only `_ - . @ /` where an ideograph or a dictionary script stands beside them, so
/// that sentences without spaces stay apart), `:` joins letters and digits, `,` digits. After `://` the rest of a URL
/// belongs to the unit: up to three joiners in a row, `? = # %` among them. A joiner at the end is not part of the unit.
extension MailWords {
  struct Unit {
    var range: Range<Int>
    var isCompound: Bool
    var isURL = false
    /// Where the last `@` stands.
    var atSign: Int?
    /// The class of all its characters (letters and digits count as one, marks as any), nil for a mixture.
    var soleClass: CharacterClass?
    /// Whether diacritic folding changes any of its characters.
    var folds = false
    /// Those that belong to its first and last words.
    var signs: Signs?
    /// Words behind it are not divided by case: a domain has none, and `myExample.com` must not look like `example.com`.
    var caseLimit = Int.max
  }

  func unit(in bytes: Span<UInt8>, from start: Int) -> Unit {
    var unit = Unit(range: start..<start, isCompound: false)
    var previous = CharacterClass.letter
    var index = start
    while true {
      let asciiEnd = asciiWordEnd(bytes, from: index, to: bytes.count)
      if asciiEnd > index {
        note(.letter, in: &unit, isFirst: index == start)
        previous = classify(bytes, at: asciiEnd - 1).0
        index = asciiEnd
      }
      guard index < bytes.count else { break }
      let (current, byteCount) = classify(bytes, at: index, noting: &unit.folds)
      if current.isWordish {
        if current != .mark {
          note(current, in: &unit, isFirst: index == start)
          previous = current
        }
        index += byteCount
        continue
      }
      guard current.isJoiner else { break }
      if !unit.isURL, definition.urls, isSchemeEnd(bytes, at: index) {
        unit.isURL = true
        unit.isCompound = true
        index += 3
        continue
      }
      guard let next = wordAfterJoiners(bytes, at: index, after: previous, isURL: unit.isURL) else { break }
      if bytes[index] == UInt8(ascii: "@") { unit.atSign = index }
      unit.isCompound = true
      index = next
    }
    unit.range = start..<index
    return unit
  }

  private func note(_ characterClass: CharacterClass, in unit: inout Unit, isFirst: Bool) {
    let merged = characterClass == .digit ? .letter : characterClass
    if isFirst { unit.soleClass = merged } else if unit.soleClass != merged { unit.soleClass = nil }
  }

  /// Whether `://` and the beginning of a word stand at `index`.
  private func isSchemeEnd(_ bytes: Span<UInt8>, at index: Int) -> Bool {
    guard index + 3 < bytes.count, bytes[index] == UInt8(ascii: ":"), bytes[index + 1] == UInt8(ascii: "/"),
      bytes[index + 2] == UInt8(ascii: "/")
    else { return false }
    let next = classify(bytes, at: index + 3).0
    return next.isWordish && next != .mark
  }

  /// Where the word begins that the joiners at `index` join to what went before, or `nil`.
  private func wordAfterJoiners(
    _ bytes: Span<UInt8>, at index: Int, after previous: CharacterClass, isURL: Bool
  ) -> Int? {
    var index = index
    for _ in 0..<(isURL ? 3 : 1) {
      guard index < bytes.count else { return nil }
      let joinerIndex = index
      let (joiner, byteCount) = classify(bytes, at: index)
      guard joiner.isJoiner else { return nil }
      index = afterMarks(bytes, from: index + byteCount)
      guard index < bytes.count else { return nil }
      let next = classify(bytes, at: index).0
      if next.isWordish {
        return isURL || joins(joiner, bytes[joinerIndex], previous, next) ? index : nil
      }
    }
    return nil
  }

  /// Marks on a joiner do not keep it from joining (UAX #29, WB4).
  private func afterMarks(_ bytes: Span<UInt8>, from start: Int) -> Int {
    var index = start
    while index < bytes.count, bytes[index] >= 0x80 {
      let (characterClass, byteCount) = classify(bytes, at: index)
      guard characterClass == .mark else { break }
      index += byteCount
    }
    return index
  }

  private func joins(
    _ joiner: CharacterClass, _ byte: UInt8, _ previous: CharacterClass, _ next: CharacterClass
  ) -> Bool {
    let isAlphabetic = previous.isLetterOrDigit && next.isLetterOrDigit
    switch joiner {
    case .joiner:
      return isAlphabetic || byte == UInt8(ascii: "_") || byte == UInt8(ascii: "-") || byte == UInt8(ascii: ".")
        || byte == UInt8(ascii: "@") || byte == UInt8(ascii: "/")
    case .colon: return isAlphabetic
    case .comma: return previous == .digit && next == .digit
    default: return false
    }
  }
}
