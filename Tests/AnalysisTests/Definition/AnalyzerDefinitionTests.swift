import Analysis
import Testing

struct AnalyzerDefinitionTests {
  private static let head = "id: x\nversion: 1\nchar_filter: [{type: icu_normalizer, name: nfkc_cf}]\n"
  private static let tokenizer = "tokenizer: {type: mail_words}\n"

  @Test(arguments: [
    ("", AnalysisError.Code.malformed, "mapping"),
    ("a: [", .malformed, "x.yaml"),
    ("- a", .malformed, "mapping"),
    ("version: 1", .malformed, "id must be a text"),
    ("id: x\nversion: 0\n", .invalidValue, "version"),
    ("id: x\nversion: 1\n" + tokenizer, .invalidValue, "char_filter must hold icu_normalizer once"),
    (head, .malformed, "tokenizer must be a mapping"),
    (head + "tokenizer: {type: standard}", .unknown, "unknown type standard, known are mail_words"),
    (
      head + "tokenizer: {type: mail_words, max: 3}", .unknown,
      "tokenizer: unknown key max, known are type, compounds, urls, signs"
    ),
    (head + "tokenizer: {type: mail_words, urls: maybe}", .invalidValue, "urls must be true or false"),
    (head + "tokenizer: {type: mail_words, signs: 1}", .invalidValue, "signs must be true or false"),
    (head + tokenizer + "filter: [{type: stop}]", .unknown, "filter 1: unknown type stop"),
    (
      head + tokenizer + "filter: [{type: truncate, length: 5000}]", .invalidValue,
      "length must be a number from 16 to 255"
    ),
    (head + tokenizer + "filter: [truncate]", .malformed, "filter 1 must be a mapping with a type"),
    (head + tokenizer + "filters: []", .unknown, "unknown key filters"),
    (
      head + tokenizer + "filter: [{type: diacritics_folding, preserve_original: false}]", .invalidValue,
      "preserve_original"
    ),
  ])
  func `an unusable definition says what is wrong and where`(
    yaml: String, code: AnalysisError.Code, part: String
  ) throws {
    let error = #expect(throws: AnalysisError.self) { try Analyzer(yaml: Array(yaml.utf8), name: "x.yaml") }
    #expect(error?.code == code)
    #expect(
      error?.message.contains(part) == true && error?.message.contains("x.yaml") == true, "\(String(describing: error))"
    )
  }

  @Test func `steps that a definition leaves out are not done`() throws {
    let plain = try Analyzer(
      yaml: Array((Self.head + "tokenizer: {type: mail_words, compounds: false}").utf8), name: "x")
    #expect(
      plain.tokens("a_b 회의록 café").map(\.description) == [
        "a 0 0..1 word", "b 1 2..3 word", "회의록 2 4..13 word", "café 3 14..19 word",
      ])
  }

  @Test func `a definition from before signs and case parts gives the tokens that it gave`() throws {
    let old = try Analyzer(yaml: Array((Self.head + "tokenizer: {type: mail_words, urls: true}").utf8), name: "x")
    #expect(
      old.tokens("C++ getUserName #12 a#").map(\.description) == [
        "c 0 0..1 word", "getusername 1 4..15 word", "12 2 17..19 word", "a 3 20..21 word",
      ])
    #expect(old.pattern(forWord: "C++").description == "c")
  }

  @Test func `a version names the definition's bytes`() throws {
    let yaml = Self.head + Self.tokenizer
    let one = try Analyzer(yaml: Array(yaml.utf8), name: "x")
    let other = try Analyzer(yaml: Array((yaml + "# changed\n").utf8), name: "x")
    #expect(one.version.hasPrefix("x:1:"))
    #expect(one.version != other.version)
    #expect(try AnalyzerSet.builtIn().version == AnalyzerSet.builtIn().version)
  }
}
