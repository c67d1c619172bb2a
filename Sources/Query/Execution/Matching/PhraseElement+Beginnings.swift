import Analysis

extension PhraseElement {
  /// In every text in which the element matches a term begins with one of these; none where that tells nothing.
  var possibleBeginnings: [[UInt8]] {
    switch shape {
    case .beginning: return [term] + (folded.map { [$0] } ?? [])
    case .stem:
      guard case .stem(let forms) = TermMatcher(term, shape) else { return [] }
      return forms.beginnings
    case .whole, .part, .near, .initials: return []
    }
  }
}
