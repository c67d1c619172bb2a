import Analysis
import Foundation
import Testing

/// The tables beside the analyzers' definitions. `MAILDEX_REWRITE_GOLDEN=1` rewrites them.
struct TokenTableTests {
  @Test(arguments: ["text", "address", "filename", "identifier"])
  func `each text of the table gives its tokens`(name: String) throws {
    let set = try AnalyzerSet.builtIn()
    let analyzer = try #require([set.text, set.address, set.filename, set.identifier].first { $0.name == name })
    let table = try TokenTable(named: name)
    if ProcessInfo.processInfo.environment["MAILDEX_REWRITE_GOLDEN"] == "1" {
      try table.rewrite(with: analyzer)
      return
    }
    #expect(!table.examples.isEmpty)
    for example in table.examples {
      let tokens = TokenTable.show(analyzer.tokens(TokenTable.unescape(example.text)))
      #expect(tokens == example.tokens, "\(name): \(example.text)")
    }
  }
}
