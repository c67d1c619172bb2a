/// One analyzer for each kind of field. People fields (display names as well as addresses) and list identifiers take
/// `address`, file names `filename`, everything else `text`; values of header fields, which no index has, `identifier`. A class, so that every search does not count a dozen references.
package final class AnalyzerSet: Sendable {
  package let text: Analyzer
  package let address: Analyzer
  package let filename: Analyzer
  package let identifier: Analyzer
  /// In which languages an unquoted word of a query also means its forms, in running text. Nothing of it is in an index.
  package let stemming: StemmingLanguages

  package init(
    text: Analyzer, address: Analyzer, filename: Analyzer, identifier: Analyzer, stemming: StemmingLanguages = []
  ) {
    self.text = text
    self.address = address
    self.filename = filename
    self.identifier = identifier
    self.stemming = stemming
  }

  /// - Throws: `AnalysisError` naming the file, the step and the key.
  package convenience init(_ files: AnalyzerFiles, stemming: StemmingLanguages = []) throws(AnalysisError) {
    self.init(
      text: try Analyzer(yaml: files["text.yaml"], name: "text.yaml"),
      address: try Analyzer(yaml: files["address.yaml"], name: "address.yaml"),
      filename: try Analyzer(yaml: files["filename.yaml"], name: "filename.yaml"),
      identifier: try Analyzer(yaml: files["identifier.yaml"], name: "identifier.yaml"), stemming: stemming)
  }

  /// Of the definitions that ship with Maildex.
  package static func builtIn(stemming: StemmingLanguages = []) throws(AnalysisError) -> AnalyzerSet {
    try AnalyzerSet(.builtIn, stemming: stemming)
  }

  /// The same with words that have forms in these languages.
  package func with(_ stemming: StemmingLanguages) -> AnalyzerSet {
    if stemming == self.stemming { return self }
    return AnalyzerSet(
      text: text, address: address, filename: filename, identifier: identifier, stemming: stemming)
  }

  /// Kept with an index; one that differs asks for `reindex`.
  package var version: String { "\(text.version),\(address.version),\(filename.version)" }
}
