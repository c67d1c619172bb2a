import Analysis
import Foundation
import TestSupport
import Testing

/// What holds for every text.
struct TokenPropertyTests {
  private let set: AnalyzerSet
  private var analyzers: [Analyzer] { [set.text, set.address, set.filename] }

  init() throws { set = try AnalyzerSet.builtIn() }

  private static let pieces = [
    "a", "Word", "É", "e\u{301}", "ß", "ﬁ", "회", "의\u{0}", "ｶﾞ", "漢字", "สวัสดี", "👍🏽", "\u{AD}", "\u{200D}", "_", "-", ".",
    "@", "://", ",", "1", "٣", " ", "\n", "ö\u{323}", "\u{1112}\u{1165}", "'", "’", "：", "\u{301}", "𝔘", "𠀀", "ﷺ", "?",
    "userName", "XMLpath", "É", "ßen", "É\u{323}cole", "#", "+", "++", "&",
  ]

  private func randomText(_ generator: inout SeededGenerator) -> String {
    (0..<Int.random(in: 0...20, using: &generator)).map { _ in
      Self.pieces[Int.random(in: 0..<Self.pieces.count, using: &generator)]
    }.joined()
  }

  @Test(arguments: [11, 12, 13] as [UInt64])
  func `positions ascend and offsets lie between scalars of the input`(seed: UInt64) {
    var generator = SeededGenerator(seed: seed)
    for round in 0..<1_000 {
      let text = randomText(&generator)
      let utf8 = Array(text.utf8)
      for analyzer in analyzers {
        let tokens = analyzer.tokens(text)
        for (token, next) in zip(tokens, tokens.dropFirst()) {
          #expect(token.position <= next.position, "seed \(seed), round \(round): \(text.debugDescription)")
        }
        for token in tokens {
          let isBetween = [token.offset.lowerBound, token.offset.upperBound].allSatisfy {
            $0 == utf8.count || ($0 < utf8.count && utf8[$0] & 0xC0 != 0x80)
          }
          #expect(
            isBetween && !token.offset.isEmpty && !token.term.isEmpty,
            "seed \(seed), round \(round): \(token) of \(text.debugDescription)")
        }
      }
    }
  }

  @Test(arguments: [21, 22] as [UInt64])
  func `the input behind a token analyzes to its term`(seed: UInt64) {
    var generator = SeededGenerator(seed: seed)
    for round in 0..<1_000 {
      let text = randomText(&generator)
      let utf8 = Array(text.utf8)
      let kinds: [TokenKind] = [.word, .compound, .signed, .casePart]
      for token in set.text.tokens(text) where kinds.contains(token.kind) {
        let terms = set.text.tokens(Array(utf8[token.offset])).map(\.term)
        // Dictionary words depend on what stands around them.
        let isThai = String(decoding: token.term, as: UTF8.self).contains(/\p{Script=Thai}/)
        #expect(
          isThai || terms.contains(token.term),
          "seed \(seed), round \(round): \(token) of \(text.debugDescription)")
      }
    }
  }

  @Test(arguments: [31, 32] as [UInt64])
  func `NFC and NFD give the same terms`(seed: UInt64) {
    var generator = SeededGenerator(seed: seed)
    for round in 0..<1_000 {
      let text = randomText(&generator)
      let terms = set.text.tokens(text.precomposedStringWithCanonicalMapping).map(\.term)
      #expect(
        set.text.tokens(text.decomposedStringWithCanonicalMapping).map(\.term) == terms,
        "seed \(seed), round \(round): \(text.debugDescription)")
      #expect(set.text.tokens("ÀÉ ÎÕ STRASSE ЁЖ").map(\.term) == set.text.tokens("àé îõ straße ёж").map(\.term))
    }
  }

  @Test(arguments: 41...44 as ClosedRange<UInt64>)
  func `random bytes never trap and every token has its place`(seed: UInt64) {
    var generator = SeededGenerator(seed: seed)
    for round in 0..<500 {
      let bytes = (0..<Int.random(in: 0...80, using: &generator)).map { _ in
        Bool.random(using: &generator)
          ? UInt8.random(in: 0...255, using: &generator) : UInt8.random(in: 0xE0...0xF4, using: &generator)
      }
      for analyzer in analyzers {
        for token in analyzer.tokens(bytes) {
          let isValid = String(validating: token.term, as: UTF8.self) != nil
          #expect(isValid && token.offset.upperBound <= bytes.count, "seed \(seed), round \(round): \(bytes)")
        }
      }
    }
  }

  @Test func `a byte that is not UTF-8 ends a word and nothing else`() {
    let tokens = set.text.tokens([0x61, 0xFF, 0x62, 0xC3, 0x28, 0x63, 0xED, 0xA0, 0x80, 0x64, 0xE2, 0x82])
    #expect(tokens.map(\.description) == ["a 0 0..1 word", "b 1 2..3 word", "c 2 5..6 word", "d 3 9..10 word"])
  }

  @Test func `a long word is cut between scalars at 255 bytes, and keeps the offsets of all of it`() {
    let word = "x" + String(repeating: "й", count: 200)
    let token = set.text.tokens(word).first
    #expect(token?.term == Array(("x" + String(repeating: "й", count: 127)).utf8))
    #expect(token?.offset == 0..<401)
    #expect(set.text.pattern(forWord: word).matches(set.text.tokens(word)))
  }

  @Test(arguments: ["", "é "])
  func `parts by case are found wherever a word stands, in ASCII and beside other letters`(beginning: String) {
    for shift in 0..<20 {
      let text = beginning + String(repeating: "-", count: shift) + " getUserName XMLHttp ABC aB Z9Az"
      let parts = set.text.tokens(text).filter { $0.kind == .casePart }
      #expect(
        parts.map { String(decoding: $0.term, as: UTF8.self) } == ["get", "user", "name", "xml", "http", "az"],
        "behind \(shift) signs")
      let utf8 = Array(text.utf8)
      for part in parts {
        #expect(Array(String(decoding: utf8[part.offset], as: UTF8.self).lowercased().utf8) == part.term)
      }
    }
  }

  @Test func `hostile texts take linear time and bounded terms`() {
    let texts = [
      String(repeating: "a.", count: 100_000), String(repeating: "a@", count: 100_000),
      "a" + String(repeating: "\u{301}\u{323}", count: 100_000), String(repeating: "กข", count: 50_000),
      String(repeating: "://a", count: 50_000), String(repeating: "ﷺ", count: 50_000),
      String(repeating: "aB", count: 100_000), String(repeating: "#a", count: 100_000),
      String(repeating: "éB", count: 50_000),
      String(repeating: "a+ ", count: 60_000), "A" + String(repeating: "\u{301}", count: 100_000) + "BcD",
    ]
    for text in texts {
      for analyzer in analyzers {
        var longest = 0
        analyzer.forEachToken(in: Array(text.utf8)) { term, _ in longest = max(longest, term.count) }
        #expect(longest <= 255)
      }
    }
  }

  @Test(arguments: ["one two three four", "a.b.c.d", "회의록 회의록", "สวัสดีชาวโลก", "á é í ó"])
  func `a walk ends when its caller has seen enough`(text: String) {
    for analyzer in analyzers {
      let all = analyzer.tokens(text)
      for wanted in 1...all.count {
        var seen: [TokenAttributes] = []
        analyzer.walkTokens(in: Array(text.utf8).span) { _, token in
          seen.append(token)
          return seen.count < wanted
        }
        #expect(seen.map(\.offset) == all.prefix(wanted).map(\.offset))
      }
    }
  }

  @Test(arguments: [51, 52] as [UInt64])
  func `a text is found by any choice of its accents, and by no accent that it has not`(seed: UInt64) {
    var generator = SeededGenerator(seed: seed)
    let letters = [("e", "é"), ("a", "ą"), ("o", "ø"), ("ae", "æ"), ("o", "ǿ"), ("и", "ѝ"), ("x", "x"), ("n", "ñ")]
    for round in 0..<500 {
      var (text, typed) = ("", "")
      var isFound = true
      for _ in 0..<Int.random(in: 1...6, using: &generator) {
        let letter = letters[Int.random(in: 0..<letters.count, using: &generator)]
        let (isWritten, isTyped) = (Bool.random(using: &generator), Int.random(in: 0..<4, using: &generator) == 0)
        text += isWritten ? letter.1 : letter.0
        typed += isTyped ? letter.1 : letter.0
        if isTyped, !isWritten, letter.0 != letter.1 { isFound = false }
      }
      for analyzer in analyzers {
        let tokens = analyzer.tokens("mail \(text) end")
        let where_ = "seed \(seed), round \(round): \(typed) in \(text)"
        #expect(analyzer.pattern(forWord: typed).matches(tokens) == isFound, "\(where_)")
        #expect(analyzer.pattern(forPhrase: typed).matches(tokens) == isFound, "\(where_)")
        if isFound { #expect(analyzer.pattern(forPrefix: typed).matches(tokens), "\(where_)") }
      }
    }
  }
}
