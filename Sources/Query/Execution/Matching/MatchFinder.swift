import Analysis

/// Finds where a text matches, within a window, and no more: the walk over the tokens ends when the window is full.
struct MatchFinder: Sendable {
  private let analyzer: Analyzer
  private let words: QueryWords
  private let phrases: PhraseSlots
  /// For each word, whether it is a match alone, and its slots in phrases.
  private var isMatchAlone: [Bool]
  private var slotsOfWord: [[Int]]
  /// For each last slot of a phrase, its first.
  private var firstSlots: [Int: Int] = [:]
  /// Whether a word may be only the beginning of a token.
  private var isBeginning: [Bool]
  /// The word of each slot, -1 where a phrase leaves a place free.
  private var wordOfSlot: [Int] = []

  init(_ patterns: [TextPattern], _ analyzer: Analyzer) {
    self.analyzer = analyzer
    words = QueryWords(patterns.flatMap(\.allPhrases).flatMap { $0 })
    isBeginning = [Bool](repeating: false, count: words.count)
    isMatchAlone = [Bool](repeating: false, count: words.count)
    slotsOfWord = [[Int]](repeating: [], count: words.count)
    var phrases = PhraseSlots()
    for phrase in patterns.flatMap(\.allPhrases) {
      let indices = phrase.compactMap(words.index)
      if let last = phrase.last, last.shape == .beginning { isBeginning[indices[phrase.count - 1]] = true }
      if phrase.count == 1 {
        isMatchAlone[indices[0]] = true
        continue
      }
      let first = phrases.add(phrase.map(\.position))
      firstSlots[phrases.count - 1] = first
      wordOfSlot += [Int](repeating: -1, count: phrases.count - first)
      for (index, element) in zip(indices, phrase) {
        slotsOfWord[index].append(first + element.position)
        wordOfSlot[first + element.position] = index
      }
    }
    self.phrases = phrases
  }

  /// A piece of a text that matches.
  struct Match {
    var range: Range<Int>
    /// Which word of the query it is, or begins with where several lie one in the other.
    let word: Int
    /// Only the first character of the pair at `range` was asked for.
    fileprivate var isFirstOfPair = false
  }

  /// What matches, ascending and apart; nothing past the deadline.
  ///
  /// - Parameter window: asked before any match is found (with `nil`) and for the first one; what does not overlap its
  ///   answer is left out. As long as it is `nil` the search goes on.
  func matches(
    in bytes: Span<UInt8>, _ deadline: SearchDeadline, window: (_ first: Range<Int>?) -> Range<Int>?
  ) -> [Match] {
    if words.count == 0 || deadline.isPast { return [] }
    var walk = Walk(finder: self, window: window(nil))
    var written: [UInt8] = []
    let cost = words.costPerToken
    var work = 0
    analyzer.walkTokens(in: bytes) { term, token in
      words.forEachWord(term, token.kind, written: written) { walk.take($0, token, window) }
      if words.hasAccents, token.kind != .folded { written.replace(with: term) }
      work += cost
      if walk.isDone(at: token) { return false }
      if work < FieldMatcher.tokensPerLook { return true }
      work = 0
      return !deadline.isPast
    }
    return walk.merged { deadline.isPast ? $0 : firstCharacter(of: $0, in: bytes) }
  }

  /// Where the first of a pair of ideographs stands: of the pair's own tokens the second is the other character alone.
  private func firstCharacter(of pair: Range<Int>, in bytes: Span<UInt8>) -> Range<Int> {
    var end = pair.upperBound
    analyzer.walkTokens(in: bytes.extracting(pair)) { _, token in
      if token.kind == .unigram { end = pair.lowerBound + token.offset.lowerBound }
      return token.kind != .unigram
    }
    return end > pair.lowerBound ? pair.lowerBound..<end : pair
  }

  /// One text's walk.
  private struct Walk {
    private let finder: MatchFinder
    private var window: Range<Int>?
    /// Overlapping the window; in no order, and a range as often as words match it.
    private var found: [Match] = []
    private var progress: PhraseSlots.Progress
    /// The words of phrases seen last, as far back as the longest phrase reaches.
    private var recent: [(word: Int, token: TokenAttributes)] = []
    /// The position at which no phrase can reach back into the window.
    private var lastPosition: Int?

    init(finder: MatchFinder, window: Range<Int>?) {
      self.finder = finder
      self.window = window
      progress = PhraseSlots.Progress(finder.phrases)
    }

    mutating func take(_ word: Int, _ token: TokenAttributes, _ makeWindow: (Range<Int>?) -> Range<Int>?) {
      if finder.isMatchAlone[word] { add([match(of: word, token)], makeWindow) }
      if finder.slotsOfWord[word].isEmpty { return }
      let oldest = token.position - finder.phrases.longest
      if let first = recent.first, first.token.position < oldest - finder.phrases.longest {
        recent.removeAll { $0.token.position < oldest }
      }
      recent.append((word, token))
      var reached: [Int] = []
      progress.note(finder.slotsOfWord[word], at: token.position) { reached.append($0) }
      for slot in reached { addPhrase(endingWith: slot, at: token.position, makeWindow) }
    }

    mutating func isDone(at token: TokenAttributes) -> Bool {
      guard let window, token.offset.lowerBound >= window.upperBound else { return false }
      let last = lastPosition ?? token.position + finder.phrases.longest
      lastPosition = last
      return token.position >= last
    }

    private mutating func addPhrase(
      endingWith slot: Int, at position: Int, _ makeWindow: (Range<Int>?) -> Range<Int>?
    ) {
      guard let first = finder.firstSlots[slot] else { return }
      let start = position - (slot - first)
      add(
        recent.filter { word, token in
          (start...position).contains(token.position) && finder.wordOfSlot[first + token.position - start] == word
        }.map { match(of: $0.word, $0.token) }, makeWindow)
    }

    private func match(of word: Int, _ token: TokenAttributes) -> Match {
      Match(range: token.offset, word: word, isFirstOfPair: token.kind == .bigram && finder.isBeginning[word])
    }

    private mutating func add(_ matches: [Match], _ makeWindow: (Range<Int>?) -> Range<Int>?) {
      if window == nil, let first = matches.first { window = makeWindow(first.range) }
      guard let window else { return }
      for match in matches where match.range.overlaps(window) { found.append(match) }
    }

    func merged(firstOfPair: (Range<Int>) -> Range<Int>) -> [Match] {
      var merged: [Match] = []
      let sorted = found.map { match in
        var match = match
        if match.isFirstOfPair { match.range = firstOfPair(match.range) }
        return match
      }.sorted {
        ($0.range.lowerBound, $0.range.upperBound) < ($1.range.lowerBound, $1.range.upperBound)
      }
      for match in sorted {
        if let last = merged.last?.range, match.range.lowerBound <= last.upperBound {
          merged[merged.count - 1].range = last.lowerBound..<max(last.upperBound, match.range.upperBound)
        } else {
          merged.append(match)
        }
      }
      return merged
    }
  }
}
