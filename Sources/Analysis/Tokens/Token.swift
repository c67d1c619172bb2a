/// What a token stands for. Several tokens may share a position: a word and its folded form, a compound and its first
/// part, a word and what else stands in it.
package enum TokenKind: UInt8, Sendable, Hashable, CaseIterable {
  /// A word, or one part of a compound.
  case word
  /// A word with the signs that belong to it (`C++`, `#123`), behind the word, at its position.
  case signed
  /// A part of a word as its letters' case divides it (`user` of `getUserName`), behind the word, at its position.
  case casePart
  /// A whole compound (`a_b-c.d`, an address, one suffix of a domain) at the position of its first part.
  case compound
  /// Two neighbouring characters of a Han, Kana or Hangul run.
  case bigram
  /// The last character of such a run.
  case unigram
  /// An emoji.
  case symbol
  /// A term without its diacritics, right behind the same as it was written, at its position. A text is
  /// found by it; in a query it is only a candidate, as the accents that were typed must match.
  case folded
}

/// Where a token stands. Travels beside the term's bytes on the fast path, where no `Token` is made.
package struct TokenAttributes: Hashable, Sendable {
  /// Counts words; consecutive parts have consecutive positions.
  package var position: Int
  /// UTF-8 bytes of the input as it was given, before any character filter; both ends lie between scalars.
  package var offset: Range<Int>
  package var kind: TokenKind

  package init(position: Int, offset: Range<Int>, kind: TokenKind) {
    self.position = position
    self.offset = offset
    self.kind = kind
  }
}

/// One term of a text with its place. `term` is normalised UTF-8 of at most the analyzer's `truncate` length.
package struct Token: Hashable, Sendable {
  package var term: [UInt8]
  package var position: Int
  package var offset: Range<Int>
  package var kind: TokenKind

  package init(term: [UInt8], position: Int, offset: Range<Int>, kind: TokenKind) {
    self.term = term
    self.position = position
    self.offset = offset
    self.kind = kind
  }
}

extension Token: CustomStringConvertible {
  package var description: String {
    "\(String(decoding: term, as: UTF8.self)) \(position) \(offset.lowerBound)..\(offset.upperBound) \(kind)"
  }
}
