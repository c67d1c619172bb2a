import Synchronization

/// Tells which terms are forms of a word: their stem is the word's in one of the languages, and they begin with the same
/// letters. Made for one search; a lock keeps two threads from one stemmer, and is never waited for.
package final class StemMatcher: Sendable {
  private struct Form {
    let stemmer: Stemmer
    let stem: [UInt8]
  }

  private let forms: Mutex<[Form]>
  /// What the terms begin with, so that a walk over a dictionary looks at no others; none begins with another.
  package let beginnings: [[UInt8]]

  /// - Parameters:
  ///   - word: a term, with its diacritics.
  ///   - languages: of its script.
  init(_ word: [UInt8], _ languages: StemmingLanguages) {
    var forms: [Form] = []
    var beginnings: [[UInt8]] = []
    for language in languages.languages {
      let stemmer = Stemmer(language)
      let stem = stemmer.stem(word)
      beginnings += Self.beginnings(of: word, stem, language)
      forms.append(Form(stemmer: stemmer, stem: stem))
    }
    self.forms = Mutex(forms)
    self.beginnings = Set(beginnings).filter { beginning in
      !beginnings.contains { $0.count < beginning.count && beginning.starts(with: $0) }
    }.sorted { $0.lexicographicallyPrecedes($1) }
  }

  package func matches(_ term: Span<UInt8>) -> Bool {
    guard beginnings.contains(where: { TermMatcher.begins(term, with: $0) }) else { return false }
    return forms.withLock { forms in forms.contains { $0.stemmer.stems(term, to: $0.stem) } }
  }

  /// The stems, each once, for explanations.
  package static func stems(of word: [UInt8], _ languages: StemmingLanguages) -> [String] {
    var stems: [String] = []
    for language in languages.languages {
      let stem = String(decoding: Stemmer(language).stem(word), as: UTF8.self)
      if !stems.contains(stem) { stems.append(stem) }
    }
    return stems
  }

  // MARK: Beginnings

  /// The letters that the word and its stem share, less the last one where the stem is all of them: `cries` is a form of
  /// `cry`. With diacritics and without: German stems drop umlauts, French ones keep accents.
  private static func beginnings(of word: [UInt8], _ stem: [UInt8], _ language: StemmingLanguage) -> [[UInt8]] {
    if language.changesBeginnings { return language.script.firstBytes.map { [$0] } }
    let written = beginning(of: word, stem)
    guard let plainWord = Diacritics.folded(word.span) else {
      // A stem with an accent that the word has not: what both begin with without it.
      return [written]
    }
    let plain = beginning(of: plainWord, Diacritics.folded(stem.span) ?? stem)
    return scalarCount(written) > 1 || plain == written ? [written, plain] : [plain]
  }

  private static func beginning(of word: [UInt8], _ stem: [UInt8]) -> [UInt8] {
    let word = Array(String(decoding: word, as: UTF8.self).unicodeScalars)
    let stem = Array(String(decoding: stem, as: UTF8.self).unicodeScalars)
    var count = 0
    while count < min(word.count, stem.count), word[count] == stem[count] { count += 1 }
    if count == stem.count { count -= 1 }
    var text = String.UnicodeScalarView()
    text.append(contentsOf: word.prefix(max(1, count)))
    return Array(String(text).utf8)
  }

  private static func scalarCount(_ bytes: [UInt8]) -> Int { bytes.count { $0 & 0xC0 != 0x80 } }
}
