import Foundation
import TestSupport

/// Random words of many scripts, as no vocabulary has them.
struct MultilingualText {
  enum Script: CaseIterable {
    case hangul, han, hiragana, katakana, mixedIdeographs
    case latin, greek, cyrillic, arabic, hebrew, devanagari, thai, emoji

    /// Whether any part of a run is to be found.
    var isIdeographic: Bool { [.hangul, .han, .hiragana, .katakana, .mixedIdeographs].contains(self) }
  }

  var generator: SeededGenerator

  init(seed: UInt64) { generator = SeededGenerator(seed: seed) }

  /// A word of one to so many characters, in NFC.
  mutating func word(_ script: Script, upTo longest: Int = 8) -> String {
    let count = Int.random(in: 1...longest, using: &generator)
    return (0..<count).map { _ in character(script) }.joined().precomposedStringWithCanonicalMapping
  }

  private mutating func character(_ script: Script) -> String {
    switch script {
    case .hangul: return scalar(in: [0xAC00...0xD7A3])
    case .han: return scalar(in: [0x4E00...0x9FEF, 0x4E00...0x4EFF, 0x3400...0x4DB5, 0x20000...0x2A6D6])
    case .hiragana: return scalar(in: [0x3041...0x3096])
    case .katakana: return scalar(in: [0x30A1...0x30FA, 0x30FC...0x30FC])
    case .mixedIdeographs: return character(pick([.hangul, .han, .hiragana, .katakana]))
    case .latin: return scalar(in: [0x61...0x7A, 0x61...0x7A, 0xE0...0xF6, 0xF8...0xFE, 0x1EA0...0x1EF9]) + mark()
    case .greek: return scalar(in: [0x3B1...0x3C1, 0x3C3...0x3C9, 0x3AC...0x3AF])
    case .cyrillic: return scalar(in: [0x430...0x44F, 0x451...0x45F])
    case .arabic: return scalar(in: [0x621...0x63A, 0x641...0x64A]) + (chance(20) ? scalar(in: [0x64B...0x652]) : "")
    case .hebrew: return scalar(in: [0x5D0...0x5EA]) + (chance(20) ? scalar(in: [0x5B0...0x5B9]) : "")
    case .devanagari: return scalar(in: [0x915...0x939]) + (chance(40) ? scalar(in: [0x93E...0x94C]) : "")
    case .thai: return scalar(in: [0xE01...0xE2E]) + (chance(40) ? scalar(in: [0xE31...0xE31, 0xE34...0xE39]) : "")
    case .emoji: return pick(["🎉", "👍", "👍🏽", "👩\u{200D}💻", "❤\u{FE0F}", "🇰🇷", "☃", "🧀"])
    }
  }

  private mutating func mark() -> String {
    chance(20) ? scalar(in: [0x300...0x304, 0x306...0x308, 0x30A...0x30C, 0x327...0x328]) : ""
  }

  /// The word as another keyboard or program would write it: decomposed, in capitals, of another width.
  mutating func variant(of word: String, _ script: Script) -> String {
    switch Int.random(in: 0..<4, using: &generator) {
    case 0: return word.decomposedStringWithCanonicalMapping
    case 1 where script == .katakana: return Self.halfWidth(word)
    case 1 where [.latin, .greek, .cyrillic].contains(script): return word.uppercased()
    case 2 where script == .latin: return Self.fullWidth(word)
    case 2 where script == .latin || script == .greek: return word.decomposedStringWithCanonicalMapping.uppercased()
    default: return word
    }
  }

  /// ASCII letters and digits in the width of ideographs.
  static func fullWidth(_ text: String) -> String {
    var wide = String.UnicodeScalarView()
    for scalar in text.unicodeScalars {
      let isNarrow = scalar.properties.isAlphabetic && scalar.isASCII || ("0"..."9").contains(scalar)
      wide.append(isNarrow ? Unicode.Scalar(scalar.value + 0xFEE0) ?? scalar : scalar)
    }
    return String(wide)
  }

  /// Katakana in half the width of ideographs, the voicing marks apart; what has no half-width form stays.
  static func halfWidth(_ text: String) -> String {
    var narrow = String.UnicodeScalarView()
    for scalar in text.decomposedStringWithCanonicalMapping.unicodeScalars { narrow.append(halves[scalar] ?? scalar) }
    return String(narrow)
  }

  /// By what NFKC makes of the half-width forms.
  private static let halves: [Unicode.Scalar: Unicode.Scalar] = {
    var halves: [Unicode.Scalar: Unicode.Scalar] = [:]
    for value: UInt32 in 0xFF66...0xFF9F {
      guard let half = Unicode.Scalar(value) else { continue }
      let whole = Array(String(half).decomposedStringWithCompatibilityMapping.unicodeScalars)
      if whole.count == 1 { halves[whole[0]] = half }
    }
    return halves
  }()

  /// Words and numbers with joiners between them: each with the joiner before it, the first with none.
  mutating func compound() -> [(joiner: String, part: String)] {
    (0..<Int.random(in: 2...6, using: &generator)).map { place in
      let part =
        chance(30)
        ? String(Int.random(in: 0..<100_000, using: &generator))
        : word(pick([.latin, .latin, .greek, .cyrillic]), upTo: 6)
      return (place == 0 ? "" : pick(["_", "-", ".", "@", "/", "+", "&", "'", "~", "\\"]), part)
    }
  }

  private mutating func scalar(in ranges: [ClosedRange<UInt32>]) -> String {
    let range = pick(ranges)
    return Unicode.Scalar(UInt32.random(in: range, using: &generator)).map { String(Character($0)) } ?? ""
  }

  mutating func pick<Value>(_ values: [Value]) -> Value { values[Int.random(in: 0..<values.count, using: &generator)] }
  mutating func chance(_ percent: Int) -> Bool { Int.random(in: 0..<100, using: &generator) < percent }
}
