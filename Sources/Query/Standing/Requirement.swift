import Analysis
import Index

/// What a mail must have for a query to match it, whatever else the query asks: at least one of some terms, whole or by their
/// beginnings. A mail that has one may match; a mail that has none does not, and the query need not be asked.
struct Requirement: Hashable, Sendable {
  enum Key: Hashable, Sendable {
    /// By `termHash`, as records have their terms.
    case term(UInt32)
    case beginning([UInt8])
  }

  /// None for a query that nothing matches.
  private(set) var keys: Set<Key>
  /// Of the commonest key, as its length makes it likely: long terms are rare.
  private var rarity: Int

  private init(_ keys: Set<Key>, rarity: Int) {
    self.keys = keys
    self.rarity = rarity
  }

  /// - Returns: `nil` where nothing can be told: the query is asked of every mail.
  init?(_ query: AnalyzedQuery) {
    guard let root = query.root else {
      self.init([], rarity: .max)
      return
    }
    guard let requirement = Self.requirement(of: root, query.leaves) else { return nil }
    self = requirement
  }

  private static func requirement(of node: AnalyzedQuery.Node, _ leaves: [TextLeaf]) -> Requirement? {
    switch node {
    // One that must hold tells enough.
    case .and(let nodes): best(nodes.map { requirement(of: $0, leaves) })
    case .or(let nodes): any(nodes.map { requirement(of: $0, leaves) })
    case .text(let leaf): any(leaves[leaf].fieldsByPattern.map { requirement(of: $0.pattern) })
    case .filter(.messageID(let id)): Requirement([.term(EncodedRecord.messageIDHash(id))], rarity: 2 * id.utf8.count)
    // What is not there, and what is no word, has no term.
    case .not, .filter: nil
    }
  }

  private static func requirement(of pattern: TextPattern) -> Requirement? {
    let own = any(pattern.phrases.map { best($0.map { Requirement($0) }) })
    guard let neighbour = pattern.neighbour else { return own }
    return best([own, any(neighbour.phrases.map { best($0.map { Requirement($0) }) })])
  }

  private init?(_ element: PhraseElement) {
    if let term = element.requiredTerm {
      self.init([.term(termHash(term))], rarity: 2 * term.count)
      return
    }
    let beginnings = element.possibleBeginnings
    // A single byte, as of languages whose forms begin with any letter, tells next to nothing.
    guard let shortest = beginnings.map(\.count).min(), shortest > 1 else { return nil }
    // What begins so are many terms.
    self.init(Set(beginnings.map(Key.beginning)), rarity: 2 * shortest - 1)
  }

  /// Of parts that must all hold the one that the fewest mails have.
  private static func best(_ parts: [Requirement?]) -> Requirement? {
    parts.compactMap { $0 }.max { ($0.rarity, -$0.keys.count) < ($1.rarity, -$1.keys.count) }
  }

  /// Of parts of which any may hold.
  private static func any(_ parts: [Requirement?]) -> Requirement? {
    var whole = Requirement([], rarity: .max)
    for part in parts {
      guard let part else { return nil }
      whole.keys.formUnion(part.keys)
      whole.rarity = min(whole.rarity, part.rarity)
    }
    return whole
  }
}
