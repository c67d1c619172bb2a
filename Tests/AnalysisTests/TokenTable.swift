import Analysis
import Foundation

/// A table of examples from `Analyzers/tables`: see `Analyzers/README.md`.
struct TokenTable: Sendable {
  struct Example: Sendable, CustomStringConvertible {
    var text: String
    var tokens: [String]
    var description: String { text }
  }

  private var lines: [String]
  private let file: URL

  init(named name: String) throws {
    file =
      URL(filePath: #filePath).deletingLastPathComponent()
      .appending(path: "../../Analyzers/tables/\(name).tokens").standardizedFileURL
    lines = try String(contentsOf: file, encoding: .utf8).split(separator: "\n", omittingEmptySubsequences: false)
      .map(String.init)
  }

  var examples: [Example] {
    var examples: [Example] = []
    for line in lines where !line.isEmpty && !line.hasPrefix("# ") {
      if line.hasPrefix("> ") {
        examples.append(Example(text: String(line.dropFirst(2)), tokens: []))
      } else if !examples.isEmpty {
        examples[examples.count - 1].tokens.append(line)
      }
    }
    return examples
  }

  /// Writes what the analyzer gives today in place of the table's tokens; the change is then reviewed like code.
  func rewrite(with analyzer: Analyzer) throws {
    var output: [String] = []
    for line in lines where line.isEmpty || line.hasPrefix("# ") || line.hasPrefix("> ") {
      output.append(line)
      if line.hasPrefix("> ") { output += Self.show(analyzer.tokens(Self.unescape(String(line.dropFirst(2))))) }
    }
    try output.joined(separator: "\n").write(to: file, atomically: true, encoding: .utf8)
  }

  static func show(_ tokens: [Token]) -> [String] { tokens.map { escape($0.description) } }

  /// Turns `\u{301}` into the scalar it stands for.
  static func unescape(_ text: String) -> String {
    text.replacing(/\\u\{([0-9A-F]+)\}/) { match in
      UInt32(match.1, radix: 16).flatMap(Unicode.Scalar.init).map { String(Character($0)) } ?? String(match.0)
    }
  }

  /// Marks and invisible scalars that a reader of the table could not see.
  private static func escape(_ text: String) -> String {
    var output = ""
    for scalar in text.unicodeScalars {
      let isHidden = [.format, .control].contains(scalar.properties.generalCategory)
      if isHidden {
        output += "\\u{\(String(scalar.value, radix: 16, uppercase: true))}"
      } else {
        output.unicodeScalars.append(scalar)
      }
    }
    return output
  }
}
