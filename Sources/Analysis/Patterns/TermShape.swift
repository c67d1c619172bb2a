/// How a text's term must look to be the one that an element of a phrase asks for.
package enum TermShape: Hashable, Sendable {
  /// It is the element's term.
  case whole
  /// It begins so.
  case beginning
  /// It holds it.
  case part
  /// It is at most so many edits away.
  case near(Int)
  /// It is a form of it in one of the languages: see `StemMatcher`.
  case stem(StemmingLanguages)
  /// Its syllables begin with these consonants: see `InitialConsonants`.
  case initials
}

/// Tells which terms have a shape: made once for a walk over many terms.
package enum TermMatcher: Sendable {
  case whole([UInt8])
  case beginning([UInt8])
  case part(PartMatcher)
  case near(NearAutomaton)
  case stem(StemMatcher)
  case initials(InitialConsonants)

  package init(_ term: [UInt8], _ shape: TermShape) {
    switch shape {
    case .whole: self = .whole(term)
    case .beginning: self = .beginning(term)
    case .part: self = .part(PartMatcher(term))
    case .near(let limit): self = .near(NearAutomaton(to: term, limit: limit))
    case .stem(let languages): self = .stem(StemMatcher(term, languages))
    case .initials: self = InitialConsonants(term).map(TermMatcher.initials) ?? .whole(term)
    }
  }

  package func matches(_ other: Span<UInt8>) -> Bool {
    switch self {
    case .whole(let term): other.count == term.count && Self.begins(other, with: term)
    case .beginning(let term): Self.begins(other, with: term)
    case .part(let matcher): matcher.matches(other)
    case .near(let automaton): automaton.accepts(other)
    case .stem(let matcher): matcher.matches(other)
    case .initials(let consonants): consonants.matches(other)
    }
  }

  static func begins(_ other: Span<UInt8>, with term: [UInt8]) -> Bool {
    guard term.count <= other.count else { return false }
    for index in term.indices where term[index] != other[index] { return false }
    return true
  }
}
