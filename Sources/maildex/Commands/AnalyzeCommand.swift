import Analysis
import ArgumentParser
import Bytes
import Foundation

struct AnalyzeCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "analyze",
    abstract: "Show the terms that a text becomes, and what it means as a word of a query.",
    discussion: """
      A line for each term, in the order of its place: the term, its position (words one after another have positions one \
      after another, so that phrases find them), the bytes of the text that it comes from, and the step of the analyzer that \
      made it. Behind them what the text means as an unquoted word of a query (with search.stemming's languages), and in \
      quotes. Analyzers: text (subjects, bodies, texts of attachments), address (people, lists), filename and identifier \
      (header fields), as they ship or as \
      search.analyzers has them.
      """)

  enum Name: String, CaseIterable, ExpressibleByArgument { case text, address, filename, identifier }

  @OptionGroup var common: CommonOptions
  @Option(help: "text, address, filename or identifier.") var analyzer: Name = .text
  @Flag(help: "One JSON object for each term.") var json = false
  @Argument(help: "The text.") var text: String

  func run() throws {
    let settings = try common.settings()
    let set = try AnalyzerSet(AnalyzerFiles(settings, PosixFileSystem()), stemming: settings.stemming)
    let analyzer =
      switch self.analyzer {
      case .text: set.text
      case .address: set.address
      case .filename: set.filename
      case .identifier: set.identifier
      }
    let lines = analyzer.tokens(text).map { Line($0, analyzer) }
    let output = StandardStream.output
    if json {
      for line in lines { output.print(try line.json()) }
      return
    }
    let width = lines.map(\.term.count).max() ?? 0
    for line in lines {
      let term = line.term + String(repeating: " ", count: width - line.term.count)
      output.print("\(term)  position \(line.position)  bytes \(line.start)..\(line.end)  \(line.step)")
    }
    if lines.isEmpty { output.print("no terms") }
    output.print("as a word: \(analyzer.pattern(forWord: text, stemming: self.analyzer == .text ? set.stemming : []))")
    output.print("in quotes: \(analyzer.pattern(forPhrase: text))")
  }

  private struct Line: Encodable {
    let term: String
    let position: Int
    let start: Int
    let end: Int
    let step: String

    init(_ token: Token, _ analyzer: Analyzer) {
      term = String(decoding: token.term, as: UTF8.self)
      position = token.position
      start = token.offset.lowerBound
      end = token.offset.upperBound
      step = analyzer.step(of: token.kind)
    }

    func json() throws -> String {
      let encoder = JSONEncoder()
      encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
      return String(decoding: try encoder.encode(self), as: UTF8.self)
    }
  }
}
