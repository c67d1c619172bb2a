/// What a word, a phrase or a prefix of a query asks of a field's terms, after the field's own analyzer: any one of
/// `phrases` (an address may be meant as a domain or as a name). None at all for punctuation, which finds nothing.
package struct TextPattern: Hashable, Sendable {
  /// Each has one element or more, in ascending order of position.
  package let phrases: [[PhraseElement]]
  /// What must stand near one of them in the same value.
  package let neighbour: Neighbour?

  package init(_ phrases: [[PhraseElement]], near neighbour: Neighbour? = nil) {
    self.phrases = phrases
    self.neighbour = neighbour
  }

  /// Any one of these phrases, of which the last word stands at most so many positions before the first of the others, or the
  /// first so many behind their last.
  package struct Neighbour: Hashable, Sendable {
    package let phrases: [[PhraseElement]]
    package let distance: Int

    package init(_ phrases: [[PhraseElement]], within distance: Int) {
      self.phrases = phrases
      self.distance = distance
    }
  }

  /// Its own and its neighbour's.
  package var allPhrases: [[PhraseElement]] { phrases + (neighbour?.phrases ?? []) }

  package static let none = TextPattern([])

  package var isNone: Bool { phrases.isEmpty }
}

/// One term of a phrase; a word alone is a phrase of one.
package struct PhraseElement: Hashable, Sendable {
  package var term: [UInt8]
  /// The term without its diacritics, `nil` when it has none. A text's term with diacritics matches when it is equal in
  /// this form and agrees with `term` letter by letter.
  package var folded: [UInt8]?
  /// Positions behind the first element, whose own is 0: 1, 2, 3 for words in a row. Only the labels of a domain in an
  /// address leave one free.
  package var position: Int
  /// Only the last element of a phrase may be a beginning, only a word alone a part, near or a stem; initials may be all of a
  /// phrase. Those have nothing folded: the letters that were typed count, accents and all.
  package var shape: TermShape

  package init(term: [UInt8], folded: [UInt8]? = nil, position: Int = 0, shape: TermShape = .whole) {
    self.term = term
    self.folded = folded
    self.position = position
    self.shape = shape
  }

  /// A term that every text holds in which the element matches; `nil` for a shape that names none.
  package var requiredTerm: [UInt8]? { shape == .whole ? folded ?? term : nil }
}

extension TextPattern: CustomStringConvertible {
  package var description: String {
    func text(_ phrase: [PhraseElement]) -> String {
      let words = phrase.map(\.description)
      return words.count == 1 ? words[0] : "\"" + words.joined(separator: " ") + "\""
    }
    func any(_ phrases: [[PhraseElement]]) -> String {
      switch phrases.count {
      case 0: "(nothing)"
      case 1: text(phrases[0])
      default: "(" + phrases.map(text).joined(separator: " OR ") + ")"
      }
    }
    return any(phrases) + (neighbour.map { " AROUND(\($0.distance)) " + any($0.phrases) } ?? "")
  }
}

extension PhraseElement: CustomStringConvertible {
  package var description: String {
    let text = String(decoding: term, as: UTF8.self)
    return switch shape {
    case .whole: text
    case .beginning: text + "*"
    case .part: "*" + text + "*"
    case .near(let distance): text + "~\(distance)"
    case .initials: "initials " + text
    case .stem(let languages): "forms of " + StemMatcher.stems(of: term, languages).joined(separator: ", ")
    }
  }
}
