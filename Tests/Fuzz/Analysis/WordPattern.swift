import Analysis

private let analyzers: [Analyzer] = {
  guard let set = try? AnalyzerSet.builtIn() else { preconditionFailure("the built-in definitions must load") }
  return [set.text, set.address, set.filename]
}()

private let everyLanguage = StemmingLanguages(StemmingLanguage.allCases)

/// Whatever a text holds, it is found by being typed as a word and as a phrase; as a prefix it finds itself or, where it
/// is the beginning of an address, what goes on.
@_cdecl("LLVMFuzzerTestOneInput")
public func wordPattern(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  let text = String(decoding: UnsafeBufferPointer(start: start, count: min(count, 512)), as: UTF8.self)
  for analyzer in analyzers {
    let tokens = analyzer.tokens(text)
    let terms = Set(tokens.map(\.term))
    let forms = analyzer.pattern(forWord: text, stemming: everyLanguage)
    precondition(forms.matches(tokens) == !tokens.isEmpty)
    if let initials = analyzer.pattern(forInitials: text) { precondition(initials.matches(tokens)) }
    for pattern in [analyzer.pattern(forWord: text), analyzer.pattern(forPhrase: text)] {
      precondition(pattern.matches(tokens) == !tokens.isEmpty)
      for phrase in pattern.phrases where TextPattern([phrase]).matches(tokens) {
        precondition(phrase.compactMap(\.requiredTerm).allSatisfy(terms.contains))
      }
    }
    let prefix = analyzer.pattern(forPrefix: text)
    precondition(prefix.isNone == tokens.isEmpty)
    precondition(tokens.isEmpty || prefix.matches(tokens) || prefix.matches(analyzer.tokens(text + "x")))
  }
  return 0
}
