/// Finds where the case of letters divides words, reading a text's characters in their order: before a capital behind a small
/// letter or a digit (`user|Name`), and before the last of several capitals that two small letters follow (`XML|Http`, but not
/// `PDFs`). What Lucene's `split_on_case_change` does, with an eye for abbreviations.
struct CaseChanges {
  /// Letters without case count as small ones.
  enum LetterCase: UInt8 {
    case none, small, capital, digit
    /// Belongs to what precedes it.
    case mark
  }

  /// Offsets at which a part begins, ascending.
  private(set) var places: [Int] = []

  private var previous = LetterCase.none
  private var capitals = 0
  private var lastCapital = 0
  private var smalls = 0

  mutating func note(_ letterCase: LetterCase, at offset: Int) {
    switch letterCase {
    case .mark: return
    case .small:
      smalls = previous == .small ? smalls + 1 : 1
      if smalls == 2, capitals > 1 { places.append(lastCapital) }
      if smalls == 2 { capitals = 0 }
    case .capital:
      if previous == .small || previous == .digit { places.append(offset) }
      capitals = previous == .capital ? capitals + 1 : 1
      lastCapital = offset
    case .digit, .none: capitals = 0
    }
    previous = letterCase
  }

  /// Whether a text may have such a place: quick, and wrong only in saying yes. Bytes beyond ASCII count as small letters.
  static func mayExist(in input: Span<UInt8>) -> Bool {
    var (previousIsSmall, previousIsCapital, bothAreCapitals): (UInt8, UInt8, UInt8) = (0, 0, 0)
    var found: UInt8 = 0
    for index in input.indices {
      let byte = input[index]
      let isCapital: UInt8 = byte &- 65 < 26 ? 1 : 0
      let isSmall: UInt8 = byte &- 97 < 26 || byte >= 0x80 ? 1 : 0
      let isDigit: UInt8 = byte &- 48 < 10 ? 1 : 0
      found |= isCapital & previousIsSmall | isSmall & bothAreCapitals
      bothAreCapitals = isCapital & previousIsCapital
      previousIsCapital = isCapital
      previousIsSmall = isSmall | isDigit
    }
    return found != 0
  }

  static func letterCase(ofASCII byte: UInt8) -> LetterCase {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"): .small
    case UInt8(ascii: "A")...UInt8(ascii: "Z"): .capital
    case UInt8(ascii: "0")...UInt8(ascii: "9"): .digit
    default: .none
    }
  }

  static func letterCase(of scalar: UInt32, _ characterClass: CharacterClass) -> LetterCase {
    switch characterClass {
    case .mark: return .mark
    case .digit: return .digit
    case .letter:
      guard let properties = Unicode.Scalar(scalar)?.properties else { return .none }
      return properties.isUppercase || properties.generalCategory == .titlecaseLetter ? .capital : .small
    default: return .none
    }
  }
}
