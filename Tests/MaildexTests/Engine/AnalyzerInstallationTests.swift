import Analysis
import Bytes
import TestSupport
import Testing

@testable import maildex

@Suite struct AnalyzerInstallationTests {
  private let files = CrashableFileSystem()

  /// The shipped definitions with another version of the text's.
  private func wanted(version: Int) throws -> AnalyzerFiles {
    let text = """
      id: text
      version: \(version)
      char_filter: [{type: icu_normalizer, name: nfkc_cf}]
      tokenizer: {type: mail_words}
      """
    try files.createDirectory("own")
    try files.replaceFile("own/text.yaml", with: Array(text.utf8))
    return try AnalyzerFiles(directory: "own", files)
  }

  private func open(_ wanted: AnalyzerFiles, adopts: Bool = false) throws -> AnalyzerInstallation {
    try files.createDirectory("data")
    return try AnalyzerInstallation(opening: "data", wanted: wanted, adopts: adopts, files)
  }

  @Test func `a new directory takes what is wanted, and keeps it until it is told to change over`() throws {
    let (first, second) = (try wanted(version: 1), try wanted(version: 2))
    #expect(try open(first).files == first)
    let other = try open(second)
    #expect(other.files == first && other.hasOtherWanted)
    #expect(try !open(first).hasOtherWanted)
    let adopted = try open(second, adopts: true)
    #expect(adopted.files == second && !adopted.hasOtherWanted)
    #expect(try open(second).files == second)
    #expect(try open(.builtIn).files == second)
  }

  @Test func `an index that is older than definitions of one's own was made with those that shipped first`() throws {
    for shard in ["00", "01", "02", "03"] { try files.createDirectory("data/shards/\(shard)/index") }
    // Of a user who is not in the first of them.
    try files.replaceFile("data/shards/03/index/manifest", with: [1])
    let installation = try open(wanted(version: 1))
    #expect(installation.files == .first && installation.hasOtherWanted)
    #expect(try open(.builtIn).hasOtherWanted, "what ships now is another version")
    #expect(try AnalyzerSet(installation.files).version.hasPrefix("text:1:"))
  }

  @Test func `a definition that makes no terms of an index counts at once`() throws {
    _ = try open(.builtIn)
    try files.createDirectory("own")
    try files.replaceFile(
      "own/identifier.yaml",
      with: Array(
        "id: identifier\nversion: 2\nchar_filter: [{type: icu_normalizer, name: nfkc_cf}]\ntokenizer: {type: mail_words}"
          .utf8))
    let own = try AnalyzerFiles(directory: "own", files)
    let installation = try open(own)
    #expect(installation.files == own && !installation.hasOtherWanted)
  }

  @Test func `definitions that make no analyzers are never installed`() throws {
    try files.createDirectory("own")
    try files.replaceFile("own/text.yaml", with: Array("id: text".utf8))
    let broken = try AnalyzerFiles(directory: "own", files)
    #expect(throws: AnalysisError.self) { try open(broken) }
    #expect(throws: AnalysisError.self) { try open(broken, adopts: true) }
    #expect(try open(.builtIn).files == .builtIn)
  }

  @Test(arguments: ["", "0123456789abcdef\n", "../../../../etc/x\n", "0123456789abcde\n"])
  func `what is damaged is told of, and mended by changing over`(current: String) throws {
    _ = try open(.builtIn)
    try files.replaceFile("data/analyzers/current", with: Array(current.utf8))
    #expect(throws: CommandFailure.self) { try open(.builtIn) }
    #expect(try open(.builtIn, adopts: true).files == .builtIn)
    #expect(try open(.builtIn).files == .builtIn)
  }

  @Test func `a changed copy is told of`() throws {
    _ = try open(.builtIn)
    let name = try #require(files.list("data/analyzers").first { $0 != "current" })
    try files.replaceFile("data/analyzers/\(name)/text.yaml", with: Array("id: text\nversion: 2".utf8))
    #expect(throws: CommandFailure.self) { try open(.builtIn) }
  }

  @Test func `a crash at any step of changing over leaves the old definitions or the new`() throws {
    let (old, new) = (try wanted(version: 1), try wanted(version: 2))
    _ = try open(old)
    var step = 0
    while true {
      let crashing = files.reopened(.kept, plan: CrashPlan(crashAtStep: step))
      let ended = try? AnalyzerInstallation(opening: "data", wanted: new, adopts: true, crashing)
      let after = try AnalyzerInstallation(opening: "data", wanted: new, adopts: false, crashing.reopened(.dropped))
      #expect([old, new].contains(after.files))
      if ended != nil {
        #expect(after.files == new)
        break
      }
      step += 1
    }
    #expect(step > 3)
  }
}
