private import Analyzers

/// One analyzer for each kind of field. People fields (display names as well as addresses) and list identifiers take
/// `address`, file names `filename`, everything else `text`. A class, so that every search does not count a dozen references.
package final class AnalyzerSet: Sendable {
  package let text: Analyzer
  package let address: Analyzer
  package let filename: Analyzer
  /// In which languages an unquoted word of a query also means its forms, in running text. Nothing of it is in an index.
  package let stemming: StemmingLanguages

  package init(text: Analyzer, address: Analyzer, filename: Analyzer, stemming: StemmingLanguages = []) {
    self.text = text
    self.address = address
    self.filename = filename
    self.stemming = stemming
  }

  /// The definitions that ship with Maildex.
  package static func builtIn(stemming: StemmingLanguages = []) throws -> AnalyzerSet {
    AnalyzerSet(
      text: try Analyzer(yaml: AnalyzerDefinitions.text, name: "text.yaml"),
      address: try Analyzer(yaml: AnalyzerDefinitions.address, name: "address.yaml"),
      filename: try Analyzer(yaml: AnalyzerDefinitions.filename, name: "filename.yaml"),
      stemming: stemming)
  }

  /// Kept with an index; one that differs asks for `reindex`.
  package var version: String { "\(text.version),\(address.version),\(filename.version)" }
}
