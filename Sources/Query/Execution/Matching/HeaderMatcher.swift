import Analysis

/// Tells whether a mail's header has what `header:` asks for. Words of a value are those that the analyzer `identifier` makes of it.
struct HeaderMatcher {
  private let name: String
  /// `nil` where any value is one.
  private let matcher: FieldMatcher?

  init(_ query: HeaderQuery, _ analyzer: Analyzer) {
    name = query.name
    matcher = query.value.map { FieldMatcher([Self.pattern(of: $0, analyzer)], analyzer) }
  }

  /// The words that the value has become.
  static func termCount(_ query: HeaderQuery, _ analyzer: Analyzer) -> Int {
    query.value.flatMap { pattern(of: $0, analyzer).phrases.map(\.count).max() } ?? 0
  }

  private static func pattern(of value: String, _ analyzer: Analyzer) -> TextPattern {
    let isOpen = value.count > 1 && value.last == "*"
    if isOpen, value.first == "*", value.count > 2 {
      return analyzer.pattern(forSubstring: String(value.dropFirst().dropLast()))
    }
    return isOpen ? analyzer.pattern(forPrefix: String(value.dropLast())) : analyzer.pattern(forPhrase: value)
  }

  func matches(_ header: [HeaderEntry], _ deadline: SearchDeadline) throws(SearchError) -> Bool {
    for field in header where field.name == name {
      guard let matcher else { return true }
      var found = matcher.noMatches(of: 1)
      try matcher.match(field.value, &found, deadline)
      if found.contains(0) { return true }
    }
    return false
  }
}
