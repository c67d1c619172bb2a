private import CICU

/// What a scalar is to the tokenizer. The raw values are those of `cicu_text.h`; everything that can begin a unit (a run
/// of words joined by joiners, or an emoji) lies in `letter...symbol`.
enum CharacterClass: UInt8 {
  case other = 0
  case letter = 1
  case digit = 2
  /// Stays with what precedes it.
  case mark = 3
  /// Han, Hiragana, Katakana, Hangul.
  case ideograph = 4
  /// Thai, Lao, Khmer, Burmese and others whose words only a dictionary can tell.
  case dictionary = 5
  /// Emoji.
  case symbol = 6
  /// `_ - . @ / + & ' ~ \` and Unicode's own: join any two words.
  case joiner = 7
  /// `:` and its like: join letters and digits.
  case colon = 8
  /// `,` and its like: join digits.
  case comma = 9
  /// `? = # %`: join only inside a URL.
  case urlJoiner = 10
  /// A byte of 0x80 and above in a byte table: decode the scalar and look again.
  case beyondASCII = 11

  /// Whether a word may be made of it.
  var isWordish: Bool { (CharacterClass.letter.rawValue...CharacterClass.dictionary.rawValue).contains(rawValue) }
  var isJoiner: Bool { (CharacterClass.joiner.rawValue...CharacterClass.urlJoiner.rawValue).contains(rawValue) }

  /// Whether a word of ASCII may be made of it: one comparison on the hot path.
  var isLetterOrDigit: Bool { self == .letter || self == .digit }

  /// For each byte its class, `beyondASCII` from 0x80 on.
  static let byteTable: [CharacterClass] = (0..<256).map { byte in
    guard byte < 0x80 else { return .beyondASCII }
    switch UInt8(byte) {
    case UInt8(ascii: "?"), UInt8(ascii: "="), UInt8(ascii: "#"), UInt8(ascii: "%"): return .urlJoiner
    default:
      return CharacterClass(rawValue: UInt8(cicu_scalar_entry(UInt32(byte)) & CICU_ENTRY_CLASS_MASK)) ?? .other
    }
  }
}
