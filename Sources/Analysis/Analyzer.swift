private import CICU

/// Turns a text into terms with positions and offsets. The same analyzer reads the text when it is indexed and the words
/// of a query, always. Immutable; used from any number of threads at once.
package struct Analyzer: Sendable {
  /// The definition's id: `text`, `address`, `filename`.
  package let name: String
  /// Changes when the definition, the code of a step, or the ICU that runs changes, any of which may change the terms.
  package let version: String

  /// Raised by hand when the code of any step gives other tokens than before.
  static let codeVersion = 2

  let definition: AnalyzerDefinition
  let words: MailWords

  /// - Parameter name: what an error calls the definition, usually its file's name.
  /// - Throws: `AnalysisError` for a step or key that is unknown or malformed.
  package init(yaml: [UInt8], name: String) throws(AnalysisError) {
    definition = try AnalyzerDefinition(yaml: yaml, name: name)
    words = MailWords(definition)
    self.name = definition.id
    let icu = unsafe "icu\(Self.text(cicu_version))-unicode\(Self.text(cicu_unicode_version))"
    let digest = String(termHash(yaml), radix: 16)
    version = "\(definition.id):\(definition.version):\(digest):code\(Self.codeVersion):\(icu)"
  }

  private static func text(_ write: (UnsafeMutablePointer<CChar>?) -> Void) -> String {
    let bytes = unsafe [CChar](unsafeUninitializedCapacity: Int(CICU_VERSION_CAPACITY)) { buffer, count in
      unsafe buffer.initialize(repeating: 0)
      unsafe write(buffer.baseAddress)
      count = buffer.count
    }
    return String(decoding: bytes.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
  }

  /// Calls `body` for each token, in ascending order of position, as long as it answers true; a term's bytes are valid
  /// during the call only. Bytes that are not UTF-8 end a word. Of a text above 128 MiB the first 128 MiB are read.
  ///
  /// - Complexity: O(n); a handful of allocations for a text, none for a token in ASCII.
  package func walkTokens(
    in utf8: Span<UInt8>, while body: (_ term: Span<UInt8>, _ token: TokenAttributes) -> Bool
  ) {
    let input = utf8.extracting(first: UTF8Scalar.prefixLength(of: utf8, limit: NormalizedText.maxInputByteCount))
    words.scan(NormalizedText(input, words.scalars, findingCaseChanges: definition.splitsOnCaseChange), body)
  }

  package func forEachToken(
    in utf8: Span<UInt8>, _ body: (_ term: Span<UInt8>, _ token: TokenAttributes) -> Void
  ) {
    walkTokens(in: utf8) { term, token in
      body(term, token)
      return true
    }
  }

  package func forEachToken(
    in utf8: [UInt8], _ body: (_ term: Span<UInt8>, _ token: TokenAttributes) -> Void
  ) {
    forEachToken(in: utf8.span, body)
  }

  /// All tokens of a text: for queries, tests and explanations.
  package func tokens(_ text: String) -> [Token] { tokens(Array(text.utf8)) }

  package func tokens(_ utf8: [UInt8]) -> [Token] {
    var tokens: [Token] = []
    forEachToken(in: utf8.span) { term, token in
      var bytes: [UInt8] = []
      bytes.reserveCapacity(term.count)
      for index in term.indices { bytes.append(term[index]) }
      tokens.append(Token(term: bytes, position: token.position, offset: token.offset, kind: token.kind))
    }
    return tokens
  }
}
