/// Where the case of letters divides words: before a capital behind a small letter or a digit (`user|Name`), and before the last of
/// several capitals that two small letters follow (`XML|Http`, but not `PDFs`). What Lucene's `split_on_case_change` does, with
/// an eye for abbreviations. Decided by a capital's neighbours alone, marks passed over, so that most of a text is never looked at.
struct CaseChanges {
  /// Letters without case count as small ones.
  private enum LetterCase { case none, small, capital, digit }

  /// As many marks on one letter are passed over (UAX #15 §13); what has more is no word.
  private static let maxMarks = 32

  /// Of ASCII text. Eight bytes are looked at at once: most hold no capital, and most capitals begin a sentence or a name.
  static func places(inASCII input: Span<UInt8>) -> [UInt32] {
    var places: [UInt32] = []
    var start = 0
    while start + 8 <= input.count {
      let word = unsafe UInt64(littleEndian: input.bytes.unsafeLoadUnaligned(fromByteOffset: start, as: UInt64.self))
      var capitals = capitals(in: word)
      while capitals != 0 {
        note(start + capitals.trailingZeroBitCount / 8, in: input, &places)
        capitals &= capitals - 1
      }
      start += 8
    }
    for index in start..<input.count where input[index] &- 65 < 26 { note(index, in: input, &places) }
    return places
  }

  /// The highest bit of each of eight ASCII bytes that is a capital. No sum of one reaches the next.
  private static func capitals(in word: UInt64) -> UInt64 {
    let ones: UInt64 = 0x0101_0101_0101_0101
    let fromA = word &+ (ones &* (0x80 - 0x41))
    let beyondZ = word &+ (ones &* (0x80 - 0x5B))
    return fromA & ~beyondZ & (ones &* 0x80)
  }

  private static func note(_ index: Int, in input: Span<UInt8>, _ places: inout [UInt32]) {
    guard index > 0, isWordByte(input[index - 1]), isDivided(input, atASCII: index) else { return }
    places.append(UInt32(index))
  }

  private static func isDivided(_ input: Span<UInt8>, atASCII index: Int) -> Bool {
    if !(input[index - 1] &- 65 < 26) { return true }
    return index + 2 < input.count && input[index + 1] &- 97 < 26 && input[index + 2] &- 97 < 26
  }

  /// Whether a byte may belong to a word.
  @inline(__always)
  static func isWordByte(_ byte: UInt8) -> Bool { byte >= 0x80 || byte | 32 &- 97 < 26 || byte &- 48 < 10 }

  /// Whether a part of a word begins with the letter at `index`, wherever it is written.
  static func isDivided(_ input: Span<UInt8>, at index: Int, _ table: ScalarTable) -> Bool {
    guard index > 0, let (letter, byteCount) = letterCase(input, at: index, table), letter == .capital else {
      return false
    }
    switch letterCase(input, before: index, table) {
    case .small, .digit: return true
    case .none: return false
    case .capital:
      var next = index + byteCount
      for _ in 0..<2 where letterCase(input, from: &next, table) != .small { return false }
      return true
    }
  }

  /// `nil` for a mark, with the bytes of it where they are well-formed.
  private static func letterCase(_ input: Span<UInt8>, at index: Int, _ table: ScalarTable) -> (LetterCase, Int)? {
    let (scalar, byteCount) = UTF8Scalar.decode(input, at: index)
    guard byteCount > 0 else { return (.none, 1) }
    let entry = table[scalar]
    switch entry.characterClass {
    case .mark: return nil
    case .digit: return (.digit, byteCount)
    case .letter:
      // Case folding changes every capital.
      if entry.isSingle, entry.normalized == scalar { return (.small, byteCount) }
      guard let properties = Unicode.Scalar(scalar)?.properties else { return (.none, byteCount) }
      let isCapital = properties.isUppercase || properties.generalCategory == .titlecaseLetter
      return (isCapital ? .capital : .small, byteCount)
    default: return (.none, byteCount)
    }
  }

  private static func letterCase(_ input: Span<UInt8>, before index: Int, _ table: ScalarTable) -> LetterCase {
    var index = index
    for _ in 0...maxMarks where index > 0 {
      index -= 1
      while index > 0, input[index] & 0xC0 == 0x80 { index -= 1 }
      if let found = letterCase(input, at: index, table) { return found.0 }
    }
    return .none
  }

  /// Moves `index` behind the letter.
  private static func letterCase(_ input: Span<UInt8>, from index: inout Int, _ table: ScalarTable) -> LetterCase {
    for _ in 0...maxMarks where index < input.count {
      if let (found, byteCount) = letterCase(input, at: index, table) {
        index += byteCount
        return found
      }
      index += max(1, UTF8Scalar.decode(input, at: index).byteCount)
    }
    return .none
  }
}
