import Analysis
import Bytes
import Index

/// Words of a mailbox that are spelled nearly as one that was typed.
struct NearWords {
  /// Letters from which on a word may be one that was typed wrong, and from which on wrong in two places.
  private static let lengths = [4, 7]
  /// The newest of the mails in no segment: in the dictionary of none.
  private static let pendingLimit = 256

  private let term: [UInt8]
  private let length: Int
  private let analyzers: AnalyzerSet
  private let text: UserText
  private let deadline: SearchDeadline

  /// `nil` where that cannot be told of the word.
  /// - Parameter analyzer: of the fields in which it is looked for.
  init?(
    _ word: String, _ analyzer: Analyzer, _ analyzers: AnalyzerSet, _ snapshot: UserSnapshot, _ deadline: SearchDeadline
  ) throws {
    guard let element = analyzer.pattern(forFuzzy: word, distance: 1).phrases.first?.first, case .near = element.shape
    else { return nil }
    term = element.term
    length = word.count
    self.analyzers = analyzers
    self.deadline = deadline
    text = try snapshot.text()
  }

  /// Those that most mails have, of those with the fewest letters wrong.
  func best(_ count: Int) throws -> [String] {
    for (distance, shortest) in zip(1..., Self.lengths) where length >= shortest {
      let words = try words(within: distance).sorted { left, right in
        left.value == right.value ? left.key.lexicographicallyPrecedes(right.key) : left.value > right.value
      }
      if !words.isEmpty { return words.prefix(count).map { String(decoding: $0.key, as: UTF8.self) } }
    }
    return []
  }

  /// In how many mails each is, roughly.
  private func words(within distance: Int) throws -> [[UInt8]: Int] {
    let automaton = NearAutomaton(to: term, limit: distance)
    var counts: [[UInt8]: Int] = [:]
    for part in text.records.parts {
      try part.forEachTerm(acceptedBy: automaton, onBlock: { try deadline.check() }) { term, entry in
        let word = Array(term)
        if isWord(word) { counts[word, default: 0] += entry.documentCount }
      }
    }
    for docID in text.uncovered.prefix(Self.pendingLimit) where text.pending.documents.contains(DocID(rawValue: docID))
    {
      try deadline.check()
      for word in try words(of: DocID(rawValue: docID), automaton) { counts[word, default: 0] += 1 }
    }
    return counts
  }

  private func words(of docID: DocID, _ automaton: NearAutomaton) throws -> Set<[UInt8]> {
    var words: Set<[UInt8]> = []
    let tokens = RecordTokens(record: try text.records.record(docID), analyzers: analyzers, deadline: deadline)
    _ = try tokens.forEach(cost: 8) { _, term, _ in
      guard automaton.accepts(term) else { return }
      var word: [UInt8] = []
      word.replace(with: term)
      words.insert(word)
    }
    return words.filter(isWord)
  }

  /// Not part of an address, no number, and not the word itself.
  private func isWord(_ word: [UInt8]) -> Bool {
    word != term && String(decoding: word, as: UTF8.self).allSatisfy(\.isLetter)
  }
}
