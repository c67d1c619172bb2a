import Analysis
import Index
import TestSupport
import Testing

@testable import Query

/// A value is passed over only where the slow look finds nothing either.
struct ValueProbeTests {
  private let analyzers: AnalyzerSet

  init() throws { analyzers = try AnalyzerSet.builtIn(stemming: StemmingLanguages([.english, .german])) }

  private func probe(_ patterns: [TextPattern]) -> ValueProbe? {
    QueryWords(patterns.flatMap(\.phrases).flatMap { $0 }).probe
  }

  private func pattern(_ word: String) -> TextPattern {
    analyzers.text.pattern(forWord: word, stemming: analyzers.stemming)
  }

  private func mayMatch(_ probe: ValueProbe?, _ value: String) -> Bool {
    var value = value
    value.makeContiguousUTF8()
    return probe?.mayMatch(value.utf8.span, .never) ?? true
  }

  @Test func `a value in ASCII without the letters is passed over, any other is not`() throws {
    let meeting = probe([pattern("meeting")])
    #expect(!mayMatch(meeting, "nothing of the kind, me too"))
    #expect(!mayMatch(meeting, ""))
    #expect(mayMatch(meeting, "the MEEtings"))
    #expect(mayMatch(meeting, "ｍｅｅｔｉｎｇ"))
    #expect(mayMatch(meeting, "mee"))
    let part = probe([analyzers.text.pattern(forSubstring: "d_of")])
    #expect(mayMatch(part, "the_lorD_OF_rings") && !mayMatch(part, "lord of"))
    let beginning = probe([analyzers.text.pattern(forPrefix: "INV-20")])
    #expect(mayMatch(beginning, "inv 2024") && !mayMatch(beginning, "nothing"))
  }

  @Test func `whole words alone, and words with letters changed, are not looked for so`() throws {
    #expect(probe([analyzers.text.pattern(forPhrase: "budget")]) == nil)
    #expect(probe([pattern("meeting"), analyzers.text.pattern(forFuzzy: "budget", distance: 1)]) == nil)
    #expect(probe([analyzers.text.pattern(forPhrase: "budget"), pattern("meeting")]) != nil)
  }

  @Test(arguments: 1...20 as ClosedRange<UInt64>)
  func `what is passed over has no match`(seed: UInt64) throws {
    var random = RandomMail(generator: .init(seed: seed))
    for _ in 0..<200 {
      let word = random.pick(RandomMail.words)
      let patterns = [
        pattern(word), analyzers.text.pattern(forPrefix: String(word.prefix(3))),
        analyzers.text.pattern(forSubstring: random.insideWord().text), analyzers.text.pattern(forPhrase: word),
      ]
      let chosen = [random.pick(patterns), random.pick(patterns)]
      let value = random.text(0...6)
      guard !mayMatch(probe(chosen), value) else { continue }
      let tokens = analyzers.text.tokens(value)
      for pattern in chosen { #expect(!pattern.matches(tokens), "seed \(seed): \(pattern) in \(value)") }
    }
  }
}
