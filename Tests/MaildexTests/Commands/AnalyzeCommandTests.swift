import Testing

@Suite(.timeLimit(.minutes(60))) struct AnalyzeCommandTests {
  @Test func `a text is shown as terms with position, place and step, and as a query`() async throws {
    let lines = try await succeed(["analyze", "Café meeting 회의록"]).outputLines
    #expect(
      lines == [
        "café     position 0  bytes 0..5  mail_words", "cafe     position 0  bytes 0..5  diacritics_folding",
        "meeting  position 1  bytes 6..13  mail_words", "회의       position 2  bytes 14..20  cjk_bigram",
        "의록       position 3  bytes 17..23  cjk_bigram",
        "록        position 4  bytes 20..23  cjk_bigram (last character)",
        #"as a word: "café meeting 회의 의록""#, #"in quotes: "café meeting 회의 의록""#,
      ], "\(lines)")
    #expect(try await succeed(["analyze", "meetings"]).outputLines.contains("as a word: forms of meet"))
    #expect(
      try await succeed(["analyze", "--analyzer", "address", "meetings"]).outputLines.contains("as a word: meetings"))
    #expect(
      try await succeed(["analyze", "?!"]).outputLines == ["no terms", "as a word: (nothing)", "in quotes: (nothing)"])
  }

  @Test func `a term is a JSON object where that is asked for`() async throws {
    #expect(
      try await succeed(["analyze", "--json", "--analyzer", "address", "bob@example.com"]).outputLines.first
        == #"{"end":15,"position":0,"start":0,"step":"mail_words (compound) or domain_suffixes","term":"bob@example.com"}"#
    )
  }
}
