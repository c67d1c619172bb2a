import Analysis

/// Tells which leaves of a query the values of one field match: all of them in one walk over each value's tokens, which
/// ends when nothing more can be learnt. Keeps no tokens.
struct FieldMatcher {
  private let analyzer: Analyzer
  private let words: QueryWords
  private var phrases = PhraseSlots()
  /// For each word, what it is alone, and its slots in phrases.
  private var meaningsOfWord: [[Meaning]]
  private var slotsOfWord: [[Int]]
  private var meaningOfLastSlot: [Int: Meaning] = [:]
  /// Of leaves with neighbours, afresh for each value.
  private var neighbours: [(leaf: Int, search: NeighbourSearch)] = []
  private let leafCount: Int

  /// What an occurrence of a word or phrase is to a leaf.
  private enum Meaning {
    case leaf(Int)
    /// One side of it, by its number in `neighbours`, and the positions that it reaches back.
    case side(Int, Int, reach: Int)
  }

  /// Tokens between two looks at the deadline, where a token is compared by its hash alone.
  static let tokensPerLook = 1 << 16

  /// - Parameter patterns: one for each leaf, those that ask nothing of the field are `none`.
  init(_ patterns: [TextPattern], _ analyzer: Analyzer) {
    self.analyzer = analyzer
    leafCount = patterns.count { !$0.isNone }
    words = QueryWords(patterns.flatMap(\.allPhrases).flatMap { $0 })
    meaningsOfWord = [[Meaning]](repeating: [], count: words.count)
    slotsOfWord = [[Int]](repeating: [], count: words.count)
    for (leaf, pattern) in patterns.enumerated() {
      guard let neighbour = pattern.neighbour else {
        for phrase in pattern.phrases { add(phrase) { _ in .leaf(leaf) } }
        continue
      }
      let number = neighbours.count
      neighbours.append((leaf, NeighbourSearch(pattern, within: neighbour.distance)))
      for (side, list) in [pattern.phrases, neighbour.phrases].enumerated() {
        for phrase in list { add(phrase) { .side(number, side, reach: $0) } }
      }
    }
  }

  private mutating func add(_ phrase: [PhraseElement], _ meaning: (_ reach: Int) -> Meaning) {
    let indices = phrase.compactMap(words.index)
    if phrase.count == 1 { return meaningsOfWord[indices[0]].append(meaning(0)) }
    let first = phrases.add(phrase.map(\.position))
    for (index, element) in zip(indices, phrase) { slotsOfWord[index].append(first + element.position) }
    meaningOfLastSlot[phrases.count - 1] = meaning(phrases.count - 1 - first)
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
    if let probe = words.probe, !probe.mayMatch(value.utf8.span, deadline) { return }
    var found = matches
    var progress = PhraseSlots.Progress(phrases)
    var neighbours = neighbours
    var written: [UInt8] = []
    let cost = words.costPerToken
    var work = 0
    var hasLooked = false
    analyzer.walkTokens(in: value.utf8.span) { term, token in
      words.forEachWord(term, token.kind, written: written) { word in
        for meaning in meaningsOfWord[word] { Self.note(meaning, at: token.position, &neighbours, &found) }
        if !slotsOfWord[word].isEmpty {
          progress.note(slotsOfWord[word], at: token.position) { slot in
            if let meaning = meaningOfLastSlot[slot] { Self.note(meaning, at: token.position, &neighbours, &found) }
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

  private static func note(
    _ meaning: Meaning, at position: Int, _ neighbours: inout [(leaf: Int, search: NeighbourSearch)],
    _ found: inout Matches
  ) {
    switch meaning {
    case .leaf(let leaf): found.insert(leaf)
    case .side(let number, let side, let reach):
      if neighbours[number].search.note(side: side, from: position - reach, through: position) {
        found.insert(neighbours[number].leaf)
      }
    }
  }
}

extension [UInt8] {
  /// Keeps the capacity.
  mutating func replace(with bytes: Span<UInt8>) {
    removeAll(keepingCapacity: true)
    for index in bytes.indices { append(bytes[index]) }
  }
}
