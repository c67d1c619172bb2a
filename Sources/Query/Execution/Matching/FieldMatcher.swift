import Analysis

/// Tells which leaves of a query the values of one field match: all of them in one walk over each value's tokens, which
/// ends when nothing more can be learnt. Keeps no tokens.
struct FieldMatcher {
  private let analyzer: Analyzer
  private let words: QueryWords
  private let phrases: PhraseSlots
  /// For each word, the leaves that it satisfies alone, and its slots in phrases.
  private var leavesOfWord: [[Int]]
  private var slotsOfWord: [[Int]]
  private var leafOfLastSlot: [Int: Int] = [:]
  private let leafCount: Int

  /// Tokens between two looks at the deadline, where a token is compared by its hash alone.
  static let tokensPerLook = 1 << 16

  /// - Parameter patterns: one for each leaf, those that ask nothing of the field are `none`.
  init(_ patterns: [TextPattern], _ analyzer: Analyzer) {
    self.analyzer = analyzer
    leafCount = patterns.count { !$0.isNone }
    words = QueryWords(patterns.flatMap(\.phrases).flatMap { $0 })
    leavesOfWord = [[Int]](repeating: [], count: words.count)
    slotsOfWord = leavesOfWord
    var phrases = PhraseSlots()
    for (leaf, pattern) in patterns.enumerated() {
      for phrase in pattern.phrases {
        let indices = phrase.compactMap(words.index)
        if phrase.count == 1 {
          leavesOfWord[indices[0]].append(leaf)
        } else {
          let first = phrases.add(phrase.map(\.position))
          for (index, element) in zip(indices, phrase) { slotsOfWord[index].append(first + element.position) }
          leafOfLastSlot[phrases.count - 1] = leaf
        }
      }
    }
    self.phrases = phrases
  }

  /// Which leaves matched so far, over all values of a field.
  struct Matches {
    fileprivate var isMatched: [Bool]
    fileprivate var openCount: Int

    func contains(_ leaf: Int) -> Bool { isMatched[leaf] }

    fileprivate mutating func insert(_ leaf: Int) {
      if isMatched[leaf] { return }
      isMatched[leaf] = true
      openCount -= 1
    }
  }

  func noMatches(of count: Int) -> Matches {
    Matches(isMatched: [Bool](repeating: false, count: count), openCount: leafCount)
  }

  /// Adds what a value matches. No phrase spans two values.
  func match(_ value: String, _ matches: inout Matches, _ deadline: SearchDeadline) throws(SearchError) {
    if matches.openCount == 0 { return }
    var value = value
    value.makeContiguousUTF8()
    if let probe = words.probe, !probe.mayMatch(value.utf8.span) { return }
    var found = matches
    var progress = PhraseSlots.Progress(phrases)
    var written: [UInt8] = []
    let cost = words.costPerToken
    var work = 0
    var hasLooked = false
    analyzer.walkTokens(in: value.utf8.span) { term, token in
      words.forEachWord(term, token.kind, written: written) { word in
        for leaf in leavesOfWord[word] { found.insert(leaf) }
        if !slotsOfWord[word].isEmpty {
          progress.note(slotsOfWord[word], at: token.position) { slot in
            if let leaf = leafOfLastSlot[slot] { found.insert(leaf) }
          }
        }
      }
      if words.hasAccents, token.kind != .folded { written.replace(with: term) }
      work += cost
      if found.openCount == 0 { return false }
      if work < Self.tokensPerLook { return true }
      work = 0
      hasLooked = true
      return !deadline.isPast
    }
    matches = found
    if hasLooked, found.openCount > 0 { try deadline.check() }
  }
}

extension [UInt8] {
  /// Keeps the capacity.
  mutating func replace(with bytes: Span<UInt8>) {
    removeAll(keepingCapacity: true)
    for index in bytes.indices { append(bytes[index]) }
  }
}
