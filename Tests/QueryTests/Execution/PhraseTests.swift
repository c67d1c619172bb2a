import Analysis
import Bytes
import Index
import Query
import TestSupport
import Testing

/// Phrases of any length, found by following all of them at once.
@Suite struct PhraseTests {
  @Test(arguments: 81...84 as ClosedRange<UInt64>)
  func `phrases of any length are found where they stand and nowhere else`(seed: UInt64) throws {
    var generator = SeededGenerator(seed: seed)
    let mailbox = try Mailbox()
    func text(_ count: ClosedRange<Int>) -> String {
      (0..<Int.random(in: count, using: &generator)).map { _ in
        ["a", "b", "ab", "á", "a.b", "b@a.ab", "회의"][Int.random(in: 0..<7, using: &generator)]
      }.joined(separator: " ")
    }
    var texts: [String] = []
    for _ in 0..<24 {
      texts.append(text(0...150))
      mailbox.add(from: (texts[texts.count - 1], "x@example.com"), body: texts[texts.count - 1])
    }
    for round in 0..<8 {
      // Parts of the texts, so that long ones are found too, and others.
      var phrases = (0..<4).map { _ in text(1...4) }
      for _ in 0..<4 {
        let words = texts[Int.random(in: 0..<24, using: &generator)].split(separator: " ")
        let length = Int.random(in: 0...words.count, using: &generator)
        phrases.append(
          words.dropFirst(Int.random(in: 0...words.count - length, using: &generator)).prefix(length)
            .joined(separator: " "))
      }
      phrases.removeAll(where: \.isEmpty)
      let kinds = phrases.map { _ in Bool.random(using: &generator) ? TextQuery.Kind.phrase : .prefix }
      for (field, analyzer) in [(QueryField.body, mailbox.analyzers.text), (.from, mailbox.analyzers.address)] {
        let tokens = texts.map { analyzer.tokens($0) }
        let leaves = zip(phrases, kinds).map { QueryNode.text(field: field, TextQuery($1, $0)) }
        let patterns = zip(phrases, kinds).map {
          $1 == .phrase ? analyzer.pattern(forPhrase: $0) : analyzer.pattern(forPrefix: $0)
        }
        for (leaf, pattern) in zip(leaves, patterns) {
          let expected = texts.indices.filter { pattern.matches(tokens[$0]) }.map { UInt32($0 + 1) }
          #expect(try mailbox.hits(leaf).sorted() == expected, "seed \(seed), round \(round): \(leaf)")
        }
        // All at once share one walk.
        let union = texts.indices.filter { index in patterns.contains { $0.matches(tokens[index]) } }
        if leaves.count > 1 {
          let hits = try mailbox.hits(.or(leaves)).sorted()
          #expect(hits == union.map { UInt32($0 + 1) }, "seed \(seed), round \(round)")
        }
      }
    }
  }

  @Test func `a record is read for a phrase only where positions are missing that matter`() throws {
    let mailbox = try Mailbox()
    mailbox.add(body: String(repeating: "a ", count: 20_000) + "b c d a")
    mailbox.add(body: "c b")
    try mailbox.invert()
    #expect(try mailbox.snapshot.text().records.parts.map(\.truncated) == [[1]])
    func result(_ query: String) throws -> (hits: [UInt32], recordsRead: Int) {
      let result = try mailbox.search(query)
      return (result.documents.map(\.rawValue), result.recordsRead)
    }
    // The place of the last a before b is not kept, nor that of the one behind d.
    #expect(try result("\"a b\"") == ([1], 1))
    #expect(try result("\"d a\"") == ([1], 1))
    #expect(try result("\"a c\"") == ([], 1))
    #expect(try result("\"a a a\"") == ([1], 0))
    #expect(try result("\"b c\"") == ([1], 0))
    #expect(try result("\"b d\"") == ([], 0))
    #expect(try result("\"c b\"") == ([2], 0))
  }

  @Test func `a record is read for any phrase of a text of a million words`() throws {
    let mailbox = try Mailbox()
    let words = (0..<70).map { String(repeating: "w\($0) ", count: 15_000) }.joined()
    mailbox.add(body: "x " + words + "z x")
    try mailbox.invert()
    #expect(try mailbox.snapshot.text().records.parts.map(\.truncated) == [[0]])
    let result = try mailbox.search("\"z x\"")
    #expect(result.documents.count == 1 && result.recordsRead == 1)
    #expect(try mailbox.hits("\"z y\"").isEmpty)
  }
}
