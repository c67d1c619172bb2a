import Analysis

/// The different words that a query looks for in one field, and which of them a token is.
struct QueryWords {
  /// A word without its place in a phrase.
  private struct Word: Hashable {
    let element: PhraseElement

    init(_ element: PhraseElement) {
      var element = element
      element.position = 0
      self.element = element
    }
  }

  private let words: [PhraseElement]
  private let indices: [Word: Int]
  /// Whole words without diacritics: any token may be one.
  private let plain: TermTable
  /// Whole words with diacritics, folded: compared letter by letter with what a folded token was made of.
  private let accented: TermTable
  private let plainPrefixes: [Int]
  private let accentedPrefixes: [Int]
  /// Words of which a term may hold a part or be near to.
  private let others: [(word: Int, matcher: TermMatcher)]
  /// What a term begins with that may be one of those: most of a text's terms end here.
  private let firstBytesOfOthers: [Bool]

  init(_ elements: [PhraseElement]) {
    var words: [PhraseElement] = []
    var indices: [Word: Int] = [:]
    for element in elements {
      let word = Word(element)
      guard indices[word] == nil else { continue }
      indices[word] = words.count
      words.append(word.element)
    }
    self.words = words
    self.indices = indices
    plain = TermTable(words.map { $0.shape == .whole && $0.folded == nil ? $0.term : nil })
    accented = TermTable(words.map { $0.shape == .whole ? $0.folded : nil })
    plainPrefixes = words.indices.filter { words[$0].shape == .beginning && words[$0].folded == nil }
    accentedPrefixes = words.indices.filter { words[$0].shape == .beginning && words[$0].folded != nil }
    others = words.enumerated().filter { $1.shape != .whole && $1.shape != .beginning }
      .map { ($0, TermMatcher($1.term, $1.shape)) }
    firstBytesOfOthers = Self.firstBytes(others.map(\.matcher))
    hasAccents = words.contains { $0.folded != nil }
    probe = ValueProbe(words, others)
  }

  let probe: ValueProbe?

  /// Whether `forEachWord` asks for what a folded token was made of.
  let hasAccents: Bool

  var count: Int { words.count }

  /// What a look at one token costs, in looks at one that is compared by its hash alone.
  var costPerToken: Int { 1 + plainPrefixes.count / 8 + accentedPrefixes.count + others.count * 8 }

  func index(of element: PhraseElement) -> Int? { indices[Word(element)] }

  /// Calls `body` with each word that the token is.
  ///
  /// - Parameter written: the term before a folded one, with its diacritics; not read for other tokens.
  @inline(__always)
  func forEachWord(_ term: Span<UInt8>, _ kind: TokenKind, written: [UInt8], _ body: (Int) -> Void) {
    plain.forEachCandidate(for: term) { if words[$0].term.count == term.count, begins(term, with: $0) { body($0) } }
    for index in plainPrefixes where begins(term, with: index) { body(index) }
    if firstBytesOfOthers[Int(term[0])] {
      for other in others where other.matcher.matches(term) { body(other.word) }
    }
    guard hasAccents, kind == .folded else { return }
    accented.forEachCandidate(for: term) { if words[$0].agrees(with: written.span) { body($0) } }
    for index in accentedPrefixes where words[index].agrees(with: written.span) { body(index) }
  }

  private static func firstBytes(_ matchers: [TermMatcher]) -> [Bool] {
    var firstBytes = [Bool](repeating: false, count: 256)
    for matcher in matchers {
      guard case .stem(let forms) = matcher else { return [Bool](repeating: true, count: 256) }
      for beginning in forms.beginnings { firstBytes[Int(beginning[0])] = true }
    }
    return firstBytes
  }

  @inline(__always)
  private func begins(_ term: Span<UInt8>, with index: Int) -> Bool {
    let wanted = words[index].term
    guard wanted.count <= term.count else { return false }
    for byte in wanted.indices where wanted[byte] != term[byte] { return false }
    return true
  }
}
