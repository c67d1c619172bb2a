extension TextPattern {
  /// Whether the tokens of one text match: the slow and obvious meaning of a pattern, by which faster ways are judged.
  package func matches(_ tokens: [Token]) -> Bool {
    phrases.contains { phrase in
      tokens.contains { first in
        phrase[0].matches(first)
          && phrase.dropFirst().allSatisfy { element in
            tokens.contains { $0.position == first.position + element.position && element.matches($0) }
          }
      }
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
