import Foundation
import Query
import Testing

/// The examples of `docs/query-language.md`.
struct QueryExampleTests {
  struct Example: Sendable, CustomTestStringConvertible {
    var query: String
    var json: String
    var testDescription: String { query }
  }

  /// The rows of the page's last table: `| `query` | `JSON` |`.
  static let examples: [Example] = {
    let page = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../../docs/query-language.md")
    guard let text = try? String(contentsOf: page, encoding: .utf8) else { return [] }
    return text.split(separator: "\n").compactMap { line in
      let cells = line.split(separator: " | ")
      guard cells.count == 2, cells[0].hasPrefix("| `"), cells[1].hasPrefix("`{"), cells[1].hasSuffix("` |") else {
        return nil
      }
      return Example(query: String(cells[0].dropFirst(3).dropLast()), json: String(cells[1].dropFirst().dropLast(3)))
    }
  }()

  @Test func `the page has its examples`() {
    #expect(Self.examples.count >= 20)
  }

  @Test(arguments: examples)
  func `an example of the page gives the JSON beside it`(example: Example) throws {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    let json = try encoder.encode(parseQuery(example.query).root)
    #expect(String(decoding: json, as: UTF8.self) == example.json)
  }
}
