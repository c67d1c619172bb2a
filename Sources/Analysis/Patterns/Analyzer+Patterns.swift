extension Analyzer {
  /// What an unquoted word means. A compound means its parts one after another, so that `the_lord` finds
  /// `the_lord_of_rings`.
  ///
  /// With `domain_suffixes` (people, lists) a compound also means itself as a whole: `example.com` is every address whose
  /// domain ends so, and an address with its `@` means exactly that address.
  ///
  /// - Parameter stemming: a word alone, of letters of one script, also means its forms in those of these languages that are
  ///   written in it.
  package func pattern(forWord word: String, stemming: StemmingLanguages = []) -> TextPattern {
    let itself = pattern(for: word, as: .word)
    guard itself.phrases.count == 1, itself.phrases[0].count == 1, let element = itself.phrases[0].first,
      element.shape == .whole, let forms = Self.forms(of: element.term, stemming)
    else { return itself }
    // Without accents a word is one of its own forms.
    return TextPattern(element.folded == nil ? [[forms]] : [[element], [forms]])
  }

  /// What an unquoted word of initial consonants means where syllables are looked for by them: words whose syllables begin so,
  /// or the consonants themselves. `nil` of any other word.
  package func pattern(forInitials word: String) -> TextPattern? {
    guard definition.ideographBigrams, let initials = InitialConsonants(normalized(word).bytes) else { return nil }
    let pairs = initials.pairs.enumerated().map { place, pair in
      PhraseElement(term: pair, position: place, shape: .initials)
    }
    return TextPattern([pairs] + pattern(forWord: word).phrases)
  }

  private static func forms(of term: [UInt8], _ stemming: StemmingLanguages) -> PhraseElement? {
    let word = String(decoding: term, as: UTF8.self)
    let languages = stemming.forWord(word)
    guard !languages.isEmpty, word.unicodeScalars.count > 2 else { return nil }
    return PhraseElement(term: term, shape: .stem(languages))
  }

  /// What a quoted phrase means: its words one after another, no matter what punctuation stands between them.
  package func pattern(forPhrase phrase: String) -> TextPattern { pattern(for: phrase, as: .phrase) }

  /// What `prefix*` means (given without the star): the last word is only begun. Punctuation at the end ends it: `INV-*`
  /// is the word INV whatever follows, and with `domain_suffixes` `bob@*` every address of a bob.
  package func pattern(forPrefix prefix: String) -> TextPattern { pattern(for: prefix, as: .prefix) }

  /// What `*part*` means: any term that holds it. A part with ideographs means what it means as a word: any part of their run is
  /// found by that, and letters beside them are whole words.
  package func pattern(forSubstring part: String) -> TextPattern {
    let tokens = tokens(part)
    if tokens.contains(where: { $0.kind == .bigram || $0.kind == .unigram }) { return pattern(forWord: part) }
    // Punctuation within is looked for in compounds, punctuation alone nowhere.
    guard !tokens.isEmpty else { return .none }
    let bytes = normalized(part).bytes
    // No term is so long as to hold it, and its automaton would be as large as its length times its alphabet.
    guard bytes.count <= definition.maxTermByteCount else { return .none }
    return TextPattern([[PhraseElement(term: bytes, shape: .part)]])
  }

  /// What `word~` means: any term at most `distance` edits away. Only a word that stays one word can be near another; a
  /// compound or a run of ideographs is looked for as it is.
  package func pattern(forFuzzy word: String, distance: Int) -> TextPattern {
    let words = QueryWord.words(of: tokens(word)).map(\.token)
    guard words.count == 1, words[0].kind == .word, NearAutomaton.canMeasure(words[0].term) else {
      return pattern(forWord: word)
    }
    return TextPattern([[PhraseElement(term: words[0].term, shape: .near(distance))]])
  }

  private enum QueryForm { case word, phrase, prefix }

  private func pattern(for text: String, as form: QueryForm) -> TextPattern {
    if form == .prefix, definition.domainSuffixes, let beginning = words.addressBeginning(normalized(text)) {
      let folded = definition.diacriticsFolding ? Diacritics.folded(beginning.span) : nil
      return TextPattern([[PhraseElement(term: beginning, folded: folded, shape: .beginning)]])
    }
    let words = QueryWord.words(of: tokens(text), isEnded: form == .prefix)
    let start = words.map(\.token.offset.lowerBound).min() ?? 0
    let end = words.map(\.token.offset.upperBound).max() ?? 0
    let isBegun = form == .prefix && normalized(text, from: end).bytes.isEmpty
    let parts = Self.sequence(of: words, form, isBegun: isBegun)
    guard definition.domainSuffixes,
      let whole = words.first(where: { $0.token.kind == .compound && $0.token.offset == start..<end })
    else { return TextPattern(parts.isEmpty ? [] : [parts]) }
    let itself = [PhraseElement(term: whole.token.term, folded: whole.folded, shape: isBegun ? .beginning : .whole)]
    return TextPattern(whole.token.term.contains(UInt8(ascii: "@")) ? [itself] : [itself, parts])
  }

  /// The words of a query, each at its place behind the first.
  ///
  /// - Parameter isBegun: whether the last word may go on.
  private static func sequence(of words: [QueryWord], _ form: QueryForm, isBegun: Bool) -> [PhraseElement] {
    var words = words.filter { $0.token.kind != .compound }
    let isEnded = form == .prefix && !isBegun
    // The last pair of a run already holds its last character; alone it would ask that the run end there.
    if !isEnded, let last = words.last?.token, last.kind == .unigram, words.count > 1,
      words[words.count - 2].token.overlaps(last)
    {
      words.removeLast()
    }
    guard let first = words.first?.token, let last = words.last?.token else { return [] }
    var elements = words.map { word in
      PhraseElement(term: word.token.term, folded: word.folded, position: word.token.position - first.position)
    }
    let isOpen =
      switch form {
      case .prefix: isBegun && last.kind != .bigram
      case .word: last.kind == .unigram || last.isOfDictionary
      case .phrase: last.kind == .unigram
      }
    // What a reader takes for a word may stand anywhere in what the dictionary takes for one.
    let isWithin = form == .word && elements.count == 1 && last.isOfDictionary
    if isOpen { elements[elements.count - 1].shape = isWithin ? .part : .beginning }
    return elements
  }
}

/// A token of a query with its folded form.
private struct QueryWord {
  let token: Token
  var folded: [UInt8]?

  /// Case never matters, so its parts of a word ask for nothing. A word that was typed with its signs is meant with them, but for
  /// signs behind a compound, which are more likely punctuation of an address or a URL that goes on.
  ///
  /// - Parameter isEnded: signs behind a word end it, as other punctuation does.
  static func words(of tokens: [Token], isEnded: Bool = false) -> [QueryWord] {
    var words: [QueryWord] = []
    var isLeftOut = false
    for token in tokens {
      switch token.kind {
      case .folded:
        if !isLeftOut, !words.isEmpty { words[words.count - 1].folded = token.term }
        continue
      case .casePart: isLeftOut = true
      case .signed:
        isLeftOut = !isMeant(token, words, isEnded)
        if !isLeftOut { words[words.count - 1] = QueryWord(token: token) }
      default:
        isLeftOut = false
        words.append(QueryWord(token: token))
      }
    }
    return words
  }

  /// - Parameter words: before the signed one, of which the last is the same without its signs.
  private static func isMeant(_ signed: Token, _ words: [QueryWord], _ isEnded: Bool) -> Bool {
    guard let word = words.last?.token else { return false }
    if signed.offset.upperBound == word.offset.upperBound { return true }
    return !isEnded
      && !words.contains { $0.token.kind == .compound && $0.token.offset.upperBound >= word.offset.upperBound }
  }
}

extension Analyzer {
  private func normalized(_ text: String, from start: Int = 0) -> NormalizedText {
    NormalizedText(Array(text.utf8.dropFirst(start)).span, words.scalars)
  }
}

extension Token {
  fileprivate func overlaps(_ next: Token) -> Bool { kind == .bigram && next.offset.lowerBound < offset.upperBound }

  /// Whether the word comes from ICU's dictionaries: a reader types a part of what the dictionary takes for one word.
  fileprivate var isOfDictionary: Bool {
    guard kind == .word, let scalar = String(decoding: term, as: UTF8.self).unicodeScalars.first else { return false }
    return ScalarTable.shared[scalar.value].characterClass == .dictionary
  }
}
