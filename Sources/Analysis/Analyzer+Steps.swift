extension Analyzer {
  /// The step of the definition that makes tokens of a kind, for people.
  package func step(of kind: TokenKind) -> String {
    switch kind {
    case .word: "mail_words"
    case .signed: "mail_words (signs)"
    case .casePart: "mail_words (split_on_case_change)"
    case .compound: definition.domainSuffixes ? "mail_words (compound) or domain_suffixes" : "mail_words (compound)"
    case .bigram: "cjk_bigram"
    case .unigram: "cjk_bigram (last character)"
    case .symbol: "mail_words (emoji)"
    case .folded: "diacritics_folding"
    }
  }
}
