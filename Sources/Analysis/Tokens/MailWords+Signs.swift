/// Signs that belong to a word: `C++`, `F#`, `A+`, `#123`, `#budget`. The word with them is a term beside the word, so that `C++` finds
/// no other C, and `c` finds both.
///
/// A `#` belongs to the word behind it, if nothing that it could belong to or continue stands before it, and to digits also behind
/// a word (`Order#4711`). Behind a word count two plus signs, or a plus sign or a `#` that no other word follows; where there are
/// addresses a single plus sign does not, for it begins a subaddress. A URL has no signs.
extension MailWords {
  /// Where the signs around a unit's first and last words begin and end.
  struct Signs {
    private let unit: Range<Int>
    private let start: Int
    private let end: Int

    /// - Parameters:
    ///   - hasSign: the byte before the unit is a sign of its first word.
    /// - Returns: `nil` where there is none.
    init?(around unit: Range<Int>, _ hasSign: Bool, in bytes: Span<UInt8>, _ words: MailWords) {
      let end = words.signEnd(bytes, behind: unit)
      guard hasSign || end > unit.upperBound else { return nil }
      self.unit = unit
      self.end = end
      start = hasSign ? unit.lowerBound - 1 : unit.lowerBound
    }

    /// A word of the unit with its signs; `nil` when it has none.
    func range(with word: Range<Int>) -> Range<Int>? {
      let lower = word.lowerBound == unit.lowerBound ? start : word.lowerBound
      let upper = word.upperBound == unit.upperBound ? end : word.upperBound
      return lower..<upper == word ? nil : lower..<upper
    }
  }

  static func isTrailingSign(_ byte: UInt8) -> Bool { byte == UInt8(ascii: "+") || byte == UInt8(ascii: "#") }

  /// Scans on from a character of the class of `#`, with the word that it belongs to if it does.
  func scanSign(
    _ text: NormalizedText, _ bytes: Span<UInt8>, at index: Int, _ emitter: inout TokenEmitter, _ body: Body
  ) -> Int {
    let next = index + 1
    guard bytes[index] == UInt8(ascii: "#"), next < bytes.count else { return next }
    let first = classify(bytes, at: next).0
    guard first.isLetterOrDigit, index == 0 || !isContinued(bytes, by: index, first) else { return next }
    return scanUnit(text, bytes, from: next, hasSign: true, &emitter, body)
  }

  /// Whether what stands before `index` goes on there: a word, another sign, a path or a character reference (`&#123;`). Scripts
  /// without blanks do not.
  private func isContinued(_ bytes: Span<UInt8>, by index: Int, _ next: CharacterClass) -> Bool {
    var previous = index - 1
    while previous > 0, bytes[previous] & 0xC0 == 0x80 { previous -= 1 }
    switch bytes[previous] {
    case UInt8(ascii: "#"), UInt8(ascii: "&"), UInt8(ascii: "/"): return true
    default: return classify(bytes, at: previous).0.isLetterOrDigit && next != .digit
    }
  }

  /// The end of the signs that belong to a unit's last word: the unit's end when there are none.
  fileprivate func signEnd(_ bytes: Span<UInt8>, behind unit: Range<Int>) -> Int {
    let start = unit.upperBound
    guard start < bytes.count, Self.isTrailingSign(bytes[start]), endsWithLetter(bytes, unit) else { return start }
    var end = start + 1
    while end < bytes.count, bytes[end] == bytes[start], end - start < 3 { end += 1 }
    let isPlus = bytes[start] == UInt8(ascii: "+")
    switch end - start {
    case 1 where isPlus && definition.domainSuffixes: return start
    case 1 where end == bytes.count || !classify(bytes, at: end).0.isWordish: return end
    case 2 where isPlus: return end
    default: return start
    }
  }

  private func endsWithLetter(_ bytes: Span<UInt8>, _ unit: Range<Int>) -> Bool {
    var last = unit.upperBound - 1
    while last > unit.lowerBound, bytes[last] & 0xC0 == 0x80 { last -= 1 }
    let characterClass = classify(bytes, at: last).0
    return characterClass.isLetterOrDigit || characterClass == .mark
  }
}
