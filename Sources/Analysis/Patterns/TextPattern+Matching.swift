extension TextPattern {
  /// Whether the tokens of one text match: the slow and obvious meaning of a pattern, by which faster ways are judged.
  package func matches(_ tokens: [Token]) -> Bool {
    let own = phrases.flatMap { Self.places(of: $0, tokens) }
    guard let neighbour else { return !own.isEmpty }
    let others = neighbour.phrases.flatMap { Self.places(of: $0, tokens) }
    return own.contains { own in
      others.contains { other in
        let between = max(own.lowerBound, other.lowerBound) - min(own.upperBound, other.upperBound)
        return (1...neighbour.distance).contains(between)
      }
    }
  }

  /// From the first word's position to the last one's.
  private static func places(of phrase: [PhraseElement], _ tokens: [Token]) -> [ClosedRange<Int>] {
    tokens.compactMap { first in
      let isThere =
        phrase[0].matches(first)
        && phrase.dropFirst().allSatisfy { element in
          tokens.contains { $0.position == first.position + element.position && element.matches($0) }
        }
      return isThere ? first.position...first.position + (phrase.last?.position ?? 0) : nil
    }
  }
}

extension PhraseElement {
  package func matches(_ token: Token) -> Bool {
    if TermMatcher(term, shape).matches(token.term.span) { return true }
    return token.kind != .folded && agrees(with: token.term.span)
  }

  /// Whether a text's term, as it was written, agrees with an element that has diacritics.
  package func agrees(with written: Span<UInt8>) -> Bool {
    folded != nil && Diacritics.agree(typed: term.span, with: written, isPrefix: shape == .beginning)
  }
}
