/// A language with a Snowball stemmer, by the name that libstemmer has for it.
package enum StemmingLanguage: String, CaseIterable, Sendable, Hashable {
  case arabic, armenian, basque, catalan, danish, dutch, english, finnish, french, german, greek, hindi, hungarian,
    indonesian, irish, italian, lithuanian, nepali, norwegian, portuguese, romanian, russian, spanish, swedish, tamil,
    turkish, yiddish

  /// Whether the libstemmer that runs has it.
  package var isAvailable: Bool { Stemmer.exists(self) }

  var script: Script {
    switch self {
    case .arabic: .arabic
    case .armenian: .armenian
    case .greek: .greek
    case .hindi, .nepali: .devanagari
    case .russian: .cyrillic
    case .tamil: .tamil
    case .yiddish: .hebrew
    default: .latin
    }
  }

  /// Whether forms of a word may begin with other letters.
  var changesBeginnings: Bool { [.arabic, .indonesian, .irish, .tamil, .yiddish].contains(self) }

  /// A script of some of the languages, by its letters in case-folded text.
  enum Script: CaseIterable {
    case latin, greek, cyrillic, armenian, hebrew, arabic, devanagari, tamil

    /// Code points; letters and the marks that belong to them, without digits.
    private var ranges: [ClosedRange<UInt32>] {
      switch self {
      case .latin: [0x61...0x7A, 0xC0...0x24F, 0x1E00...0x1EFF]
      case .greek: [0x370...0x3FF, 0x1F00...0x1FFF]
      case .cyrillic: [0x400...0x52F]
      case .armenian: [0x531...0x587]
      case .hebrew: [0x591...0x5F4]
      case .arabic: [0x610...0x65F, 0x66E...0x6DC, 0x6FA...0x6FF, 0x750...0x77F]
      case .devanagari: [0x900...0x963, 0x970...0x97F]
      case .tamil: [0xB80...0xBE5]
      }
    }

    func contains(_ scalar: Unicode.Scalar) -> Bool { ranges.contains { $0.contains(scalar.value) } }

    /// The first bytes that its letters have in UTF-8.
    var firstBytes: [UInt8] {
      let bytes = ranges.flatMap { range in
        [range.lowerBound, range.upperBound].compactMap { Unicode.Scalar($0)?.utf8.first }
      }
      guard let first = bytes.min(), let last = bytes.max() else { return [] }
      return Array(first...last)
    }

    /// The script of all letters of a word; `nil` where it is none of these, or the word has something else in it.
    init?(of word: String) {
      guard let first = word.unicodeScalars.first, let script = Self.allCases.first(where: { $0.contains(first) }),
        word.unicodeScalars.allSatisfy(script.contains)
      else { return nil }
      self = script
    }
  }
}

/// A set of languages.
package struct StemmingLanguages: OptionSet, Hashable, Sendable {
  package let rawValue: UInt32

  package init(rawValue: UInt32) { self.rawValue = rawValue }

  package init(_ languages: some Sequence<StemmingLanguage>) {
    rawValue = languages.reduce(0) { bits, language in
      bits | (StemmingLanguage.allCases.firstIndex(of: language).map { 1 << UInt32($0) } ?? 0)
    }
  }

  package var languages: [StemmingLanguage] {
    StemmingLanguage.allCases.enumerated().filter { rawValue >> UInt32($0.offset) & 1 != 0 }.map(\.element)
  }

  /// Those of them in whose script a word is written.
  func forWord(_ word: String) -> StemmingLanguages {
    guard !isEmpty, let script = StemmingLanguage.Script(of: word) else { return [] }
    return StemmingLanguages(languages.filter { $0.script == script })
  }
}
