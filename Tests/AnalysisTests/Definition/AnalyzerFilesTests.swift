import Analysis
import Bytes
import TestSupport
import Testing

@Suite struct AnalyzerFilesTests {
  private let files = CrashableFileSystem()

  private func write(_ name: String, _ text: String) throws {
    try files.createDirectory("own")
    try files.replaceFile("own/" + name, with: Array(text.utf8))
  }

  private static let folding = """
    id: text
    version: 7
    char_filter:
      - {type: icu_normalizer, name: nfkc_cf}
    tokenizer: {type: mail_words}
    filter:
      - type: cjk_bigram
      - {type: icu_transform, id: Traditional-Simplified}
    """

  @Test func `a directory's definitions take the place of those that ship, one by one`() throws {
    try write("text.yaml", Self.folding)
    try write("notes.txt", "no definition")
    let own = try AnalyzerSet(AnalyzerFiles(directory: "own", files))
    let shipped = try AnalyzerSet.builtIn()
    #expect(own.text.version.hasPrefix("text:7:"))
    #expect(own.address.version == shipped.address.version)
    #expect(own.filename.version == shipped.filename.version)
    #expect(own.version != shipped.version)
  }

  @Test func `what makes the terms of an index is written and read again; the rest is taken from elsewhere`() throws {
    try write("address.yaml", "id: address # another")
    let own = try AnalyzerFiles(directory: "own", files)
    try own.writeIndexed(to: "copy", files)
    #expect(try files.list("copy") == ["address.yaml", "filename.yaml", "text.yaml"])
    let copy = try AnalyzerFiles(directory: "copy", files)
    #expect(copy == own)
    #expect(copy.indexedBytes == own.indexedBytes)
    #expect(own != .builtIn && own.indexedBytes != AnalyzerFiles.builtIn.indexedBytes)
    try write("identifier.yaml", "id: identifier # another")
    let other = try AnalyzerFiles(directory: "own", files)
    #expect(other != own && other.indexedBytes == own.indexedBytes)
    #expect(copy.withUnindexed(of: other) == other)
    #expect(AnalyzerFiles.builtIn.withUnindexed(of: other) != other)
  }

  @Test func `a file of another name, a long one, a missing directory and a wrong step are told by name`() throws {
    #expect(throws: FileError.self) { try AnalyzerFiles(directory: "nowhere", files) }
    try write("tex.yaml", "id: text")
    let unknown = #expect(throws: AnalysisError.self) { try AnalyzerFiles(directory: "own", files) }
    #expect(unknown.map { "\($0)" }?.contains("own/tex.yaml") == true)
    try files.remove("own/tex.yaml")
    try write("text.yaml", "#" + String(repeating: "x", count: AnalyzerFiles.maxByteCount))
    let long = #expect(throws: AnalysisError.self) { try AnalyzerFiles(directory: "own", files) }
    #expect(long.map { "\($0)" }?.contains("own/text.yaml") == true)
    try write("text.yaml", Self.folding.replacing("Traditional-Simplified", with: "Any-Latin"))
    let wrong = #expect(throws: AnalysisError.self) { try AnalyzerSet(AnalyzerFiles(directory: "own", files)) }
    #expect(wrong.map { "\($0)" }?.contains("Traditional-Simplified") == true)
  }

  @Test
  func `with the transform traditional and simplified Han are one, for texts and queries; without it they are not`()
    throws
  {
    try write("text.yaml", Self.folding)
    let own = try AnalyzerSet(AnalyzerFiles(directory: "own", files)).text
    let shipped = try AnalyzerSet.builtIn().text
    for (traditional, simplified) in [("會議記錄", "会议记录"), ("臺灣", "台湾"), ("龍", "龙"), ("開發部 report", "开发部 report")] {
      let terms = { (analyzer: Analyzer, text: String) in analyzer.tokens(text).map(\.term) }
      #expect(terms(own, traditional) == terms(own, simplified))
      #expect(terms(shipped, traditional) != terms(shipped, simplified))
      #expect(own.pattern(forWord: traditional) == own.pattern(forWord: simplified))
      #expect(own.pattern(forSubstring: traditional) == own.pattern(forSubstring: simplified))
      // The places are those of the text as it was written.
      #expect(own.tokens(traditional).map(\.offset) == shipped.tokens(traditional).map(\.offset))
    }
    #expect(own.tokens("회의록 ひらがな カタカナ").map(\.term) == shipped.tokens("회의록 ひらがな カタカナ").map(\.term))
  }

  @Test func `the definitions that shipped first give the terms that they gave`() throws {
    let first = try AnalyzerSet(.first)
    let text = "C++ getUserName #12 résumé 회의록 alice@example.com"
    #expect(
      first.text.tokens(text).map { String(decoding: $0.term, as: UTF8.self) } == [
        "c", "getusername", "12", "résumé", "resume", "회의", "의록", "록", "alice@example.com", "alice", "example", "com",
      ])
    #expect(
      first.version.split(separator: ",").map { $0.split(separator: ":").prefix(3).joined(separator: ":") } == [
        "text:1:7d79377e", "address:1:9be5201a", "filename:1:60c62abf",
      ], "an index that was made with them is known by this")
  }
}
