import Analysis
import Foundation
import TestSupport
import Testing

struct PatternTests {
  private let set: AnalyzerSet

  init() throws { set = try AnalyzerSet.builtIn() }

  @Test(arguments: [
    ("Meeting", "meeting"), ("the_lord", "\"the lord\""), ("회의록", "\"회의 의록\""), ("회의", "회의"), ("회", "회*"),
    ("2024년", "\"2024 년*\""), ("v2회의", "\"v2 회의\""), ("년2024", "\"년 2024\""), ("café", "café"), ("ประชุม", "*ประชุม*"),
    ("C++", "c++"), ("#123", "#123"), ("123", "123"), ("getUserName", "getusername"), ("lib-C++", "\"lib c\""),
    ("john.doe+", "\"john doe\""),
    ("#inv-7", "\"#inv 7\""), ("#", "(nothing)"), ("#Größe", "#grösse"), ("C++/CLI", "\"c++ cli\""),
    ("?!", "(nothing)"), ("", "(nothing)"), ("alice@example.com", "\"alice example com\""), ("👍", "👍"),
  ])
  func `a word of a text`(word: String, pattern: String) {
    #expect(set.text.pattern(forWord: word).description == pattern)
  }

  @Test(arguments: [
    ("alice@example.com", "alice@example.com"), ("example.com", "(example.com OR \"example com\")"), ("alice", "alice"),
    ("O'Brien", "(o'brien OR \"o brien\")"), ("@example.com", "(example.com OR \"example com\")"), ("김철수", "\"김철 철수\""),
  ])
  func `a word of an address`(word: String, pattern: String) {
    #expect(set.address.pattern(forWord: word).description == pattern)
  }

  @Test(arguments: [
    ("meet", "meet*"), ("the_lo", "\"the lo*\""), ("회", "회*"), ("회의", "회의"), ("", "(nothing)"), ("INV-", "inv"),
    ("INV-2024/", "\"inv 2024\""), ("INV-\u{AD}", "inv"), ("INV\u{AD}", "inv*"), ("회의-", "\"회의 의\""), ("회/", "회"),
    ("C+", "c"), ("C++", "c"), ("john.doe+", "\"john doe\""), ("#12", "#12*"), ("getUser", "getuser*"),
    ("issue #", "issue"),
  ])
  func `a prefix of a text`(prefix: String, pattern: String) {
    #expect(set.text.pattern(forPrefix: prefix).description == pattern)
  }

  @Test(arguments: [
    ("bob", "bob*"), ("bob@", "bob@*"), ("Bob.Lee＠", "bob.lee@*"), ("_bob@", "_bob@*"), ("bob@x", "bob@x*"),
    ("bob@x.", "bob@x"), ("x.com", "(x.com* OR \"x com*\")"), ("x.com.", "(x.com OR \"x com\")"), ("josé@", "josé@*"),
    ("(bob@", "bob"), ("a bob@", "\"a bob\""), ("bob.", "bob"), ("@", "(nothing)"), ("bob@@", "bob"),
  ])
  func `a prefix of an address`(prefix: String, pattern: String) {
    #expect(set.address.pattern(forPrefix: prefix).description == pattern)
  }

  @Test(arguments: [
    ("alice@example.com", true), ("<Alice@Example.com>", true), ("'alice@example.com' via Group", true),
    ("**alice@example.com**, {alice@example.com}", true), ("write alice@example.com.", true),
    ("_alice@example.com", false), ("-alice@example.com", false), ("prvs=1234=alice@example.com", false),
    ("x'alice@example.com", false), ("알.alice@example.com", false), ("é=alice@example.com", false),
    ("alice@example.com=x@example.org", false), ("alice@example.com#x", false),
    ("alice@example.com.evil.example", false),
    ("malice@example.com", false), ("alice@example.com@example.org", false), ("alice@example.community", false),
  ])
  func `an address is exactly that address`(text: String, isFound: Bool) {
    let tokens = set.address.tokens(text)
    for form in [
      set.address.pattern(forWord: "alice@example.com"), set.address.pattern(forPhrase: "alice@example.com"),
    ] {
      #expect(form.matches(tokens) == isFound, "\(form)")
    }
    let isBegun = isFound || text.hasPrefix("alice@")
    #expect(set.address.pattern(forPrefix: "alice@").matches(tokens) == isBegun)
    #expect(set.address.pattern(forWord: text).matches(tokens), "each is found by itself")
  }

  @Test(arguments: [
    (
      "josé@example.com", ["jose@example.com", "josé@example.com", "jose", "JOSE\u{301}", "jos*", "jose@*", "josé@*"],
      true
    ),
    ("josé@example.com", ["josè@example.com", "jösé@example.com"], false),
    ("info@müller.de", ["muller.de", "müller.de", "info@muller.de", "muller", "mull*"], true),
    ("info@muller.de", ["müller.de", "info@müller.de", "mül*"], false),
    ("zoé@café.müller.de", ["zoe@café.muller.de", "cafe.müller.de", "café.mull*", "zoé@cafe*"], true),
  ])
  func `accents in addresses follow the same rule`(address: String, words: [String], isFound: Bool) {
    for word in words {
      let pattern =
        word.contains("*")
        ? set.address.pattern(forPrefix: word.replacing("*", with: "")) : set.address.pattern(forWord: word)
      #expect(pattern.matches(set.address.tokens(address)) == isFound, "\(word) in \(address)")
    }
  }

  @Test(arguments: [
    ("q3 plan", "\"q3 plan\""), ("회의 결과", "\"회의 의 결과\""), ("one, two", "\"one two\""), ("ประชุม", "ประชุม"),
  ])
  func `a phrase of a text`(phrase: String, pattern: String) {
    #expect(set.text.pattern(forPhrase: phrase).description == pattern)
  }

  @Test(arguments: [
    (
      "alice@mail.example.com",
      ["alice@mail.example.com", "mail.example.com", "example.com", "com", "alice", "ALICE@*"], true
    ),
    ("alice@mail.example.com", ["alice@mail", "alice@example.com", "mail.example", "ample.com", "lice"], false),
    ("alice@example.com.evil.example", ["example.com", "alice@example.com"], false),
    ("mary-jane.o'brien@example.org", ["mary", "mary-jane", "jane.o'brien", "brien", "example.org"], true),
    ("Mary-Jane O'Brien", ["mary-jane", "o'brien", "brien"], true),
  ])
  func `an address is found by its parts and by every suffix of its domain`(
    address: String, words: [String], isFound: Bool
  ) {
    let tokens = set.address.tokens(address)
    for word in words {
      let pattern =
        word.hasSuffix("*")
        ? set.address.pattern(forPrefix: String(word.dropLast())) : set.address.pattern(forWord: word)
      #expect(pattern.matches(tokens) == isFound, "\(word) in \(address)")
    }
  }

  @Test(arguments: [
    "bob@example.com via Group", "via bob@mail.example.com", "'bob@example.com' via Group <x@y.example>",
  ])
  func `a display name that holds an address is found by what it says`(name: String) {
    for form in [set.address.pattern(forPhrase: name), set.address.pattern(forWord: name)] {
      #expect(form.matches(set.address.tokens(name)))
      #expect(!form.matches(set.address.tokens("bob via example com Group")))
    }
  }

  @Test(arguments: [
    ("café", "café", true), ("café", "cafe", true), ("cafe", "café", false), ("CAFE\u{301}", "café", true),
    ("café", "caf", false), ("résumé", "resumé", true), ("résumé", "résume", true), ("résumé", "resume", true),
    ("resume", "resumé", false), ("resumé", "résumé", false), ("résumé", "resumè", false), ("ế", "e", true),
    ("ế", "ê", false), ("Ærøskøbing", "aerøskobing", true), ("Ærøskøbing", "ærøskøbing", true), ("aero", "ærø", false),
    ("שָׁלוֹם", "שָלום", true), ("שלום", "שָלום", false), ("ǿ", "o", true), ("l’été", "l’eté", true),
  ])
  func `an accent that was typed must match, an unaccented letter matches both`(
    text: String, word: String, isFound: Bool
  ) {
    #expect(set.text.pattern(forWord: word).matches(set.text.tokens(text)) == isFound)
    #expect(set.text.pattern(forPhrase: word).matches(set.text.tokens(text)) == isFound)
  }

  @Test(arguments: [
    ("회의 록", "회의록"), ("회의록", "회의 록"), ("2024년도", "\"년 도\""), ("산보", "산 보"), ("가나 다", "나다"),
  ])
  func `a phrase of ideographs asks for the blanks that were typed`(text: String, phrase: String) {
    #expect(!set.text.pattern(forPhrase: phrase).matches(set.text.tokens(text)))
  }

  @Test(arguments: [
    "2024년", "결산", "보고", "산", "lord", "the_lord", "cafe", "café", "resumé", "résumé", "example.com",
    "alice@example.com", "josé@muller.de", "nothing",
  ])
  func `a text that a phrase matches holds all terms that the phrase requires`(word: String) {
    let text = "2024년 결산보고서 the_lord café résumé alice@example.com josé@müller.de"
    for analyzer in [set.text, set.address, set.filename] {
      let tokens = analyzer.tokens(text)
      let terms = Set(tokens.map(\.term))
      for phrase in analyzer.pattern(forWord: word).phrases {
        let required = phrase.compactMap(\.requiredTerm)
        if TextPattern([phrase]).matches(tokens) { #expect(required.allSatisfy(terms.contains), "\(phrase)") }
        if word == "nothing" { #expect(!required.allSatisfy(terms.contains)) }
      }
    }
  }

  @Test(arguments: [
    ("C++ and vitamin", "C++", true), ("vitamin C", "C++", false), ("C++", "c", true), ("C#", "C++", false),
    ("C++", "#C", false), ("issue #123", "123", true), ("room 123", "#123", false), ("#123", "#12", false),
    ("#Größe", "#grosse", true), ("#Café", "#cafe", true), ("#cafe", "#café", false), ("lib-c++", "c++", true),
    ("Order#4711", "#4711", true), ("Order#4711", "4711", true), ("a#b", "#b", false), ("会議#test", "#test", true),
  ])
  func `a word with its signs is meant with them, and found without`(text: String, word: String, isFound: Bool) {
    for analyzer in [set.text, set.address, set.filename, set.identifier] {
      let tokens = analyzer.tokens(text)
      #expect(analyzer.pattern(forWord: word).matches(tokens) == isFound, "\(analyzer.name)")
      #expect(analyzer.pattern(forPhrase: word).matches(tokens) == isFound, "\(analyzer.name)")
    }
  }

  @Test(arguments: [
    ("https://mail.example.com/mail/#inbox", "mail.example.com/mail/#inbox"),
    ("https://x.org/C++/page", "https://x.org/C++"),
    ("https://example.com/page#top", "https://example.com/page#"), ("https://x.org/a/C++", "x.org/a/C++"),
  ])
  func `signs do not keep an address of the web from being found`(text: String, word: String) {
    #expect(set.text.pattern(forWord: word).matches(set.text.tokens(text)))
    #expect(set.identifier.pattern(forPhrase: word).matches(set.identifier.tokens(text)))
  }

  @Test(arguments: [
    ("john.doe+news@example.com", ["john.doe+", "john.doe", "doe+news"], ["john.doe+*", "doe+*"]),
    ("bob+lists@example.com", ["bob+", "bob"], ["bob+*", "bo*"]), ("alice@example.com", ["alice@example.com+"], []),
  ])
  func `a plus sign in an address begins a subaddress`(address: String, words: [String], prefixes: [String]) {
    let tokens = set.address.tokens(address)
    for word in words { #expect(set.address.pattern(forWord: word).matches(tokens), "\(word)") }
    for prefix in prefixes {
      #expect(set.address.pattern(forPrefix: String(prefix.dropLast())).matches(tokens), "\(prefix)")
    }
  }

  @Test func `a domain has no parts by case`() {
    #expect(!set.address.pattern(forWord: "example.com").matches(set.address.tokens("news.myExample.com")))
    #expect(!set.address.pattern(forWord: "pal.com").matches(set.address.tokens("PayPal.com")))
    #expect(set.address.pattern(forWord: "smith").matches(set.address.tokens("JohnSmith@MyHost.example")))
    #expect(!set.address.pattern(forWord: "host").matches(set.address.tokens("JohnSmith@MyHost.example")))
  }

  @Test(arguments: [
    ("getUserName", "user", true), ("getUserName", "getusername", true), ("getusername", "getUserName", true),
    ("getusername", "user", false), ("call getUserName now", "call getusername now", true),
    ("call getUserName now", "call name now", true), ("getUserName", "user name", false), ("ÉcoleÉté", "ete", true),
    ("E\u{301}coleE\u{301}te\u{301}", "été", true), ("ÉcoleÉte", "été", false), ("iPhone", "i", false),
  ])
  func `parts of a word that its case divides find it, however the query is written`(
    text: String, phrase: String, isFound: Bool
  ) {
    for analyzer in [set.text, set.address, set.filename, set.identifier] {
      #expect(analyzer.pattern(forPhrase: phrase).matches(analyzer.tokens(text)) == isFound, "\(analyzer.name)")
    }
  }

  // MARK: Every part of an ideograph run is found

  static let samples = [
    "2024년 결산보고서 v2.pdf 회의록을 첨부합니다.", "議事録のコピーを送ります。ガギ", "会议记录，请查收附件2号。", "ㅋㅋ 허의 서울-부산 KTX표",
  ]

  @Test(arguments: samples)
  func `each part of one to four characters finds its text`(text: String) { expectEveryPartFinds(text) }

  @Test(
    .enabled(if: AnalysisCorpus.isPresent, "analysis.tar.zst is absent"), arguments: ["korean", "japanese", "mandarin"])
  func `each part of one to four characters finds its line of a long text`(name: String) throws {
    let text = String(decoding: try AnalysisCorpus.read("texts/\(name).txt"), as: UTF8.self)
    let lines = text.split(whereSeparator: \.isNewline).filter { !$0.isEmpty }
    for line in lines.prefix(60) { expectEveryPartFinds(String(line.prefix(200))) }
  }

  private func expectEveryPartFinds(_ text: String) {
    let characters = Array(text.unicodeScalars)
    for analyzer in [set.text, set.address, set.filename] {
      let tokens = analyzer.tokens(text)
      for start in characters.indices {
        for length in 1...4 where start + length <= characters.count {
          let part = characters[start..<start + length]
          guard part.allSatisfy(Self.isIdeograph) else { break }
          let word = String(String.UnicodeScalarView(part))
          #expect(analyzer.pattern(forWord: word).matches(tokens), "\(analyzer.name): \(word) in \(text)")
        }
      }
    }
  }

  @Test func `a part longer than any term is in none, and takes no memory`() throws {
    let analyzer = try AnalyzerSet.builtIn().text
    let longest = String(repeating: "é", count: 127)
    #expect(analyzer.pattern(forSubstring: longest) != .none)
    #expect(analyzer.pattern(forSubstring: longest + "é") == .none)
    #expect(analyzer.pattern(forSubstring: String(repeating: "x", count: 65_536)) == .none)
  }

  private static func isIdeograph(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.value {
    case 0x1100...0x11FF, 0x3041...0x3096, 0x30A1...0x30FA, 0x30FC, 0x4E00...0x9FFF, 0xAC00...0xD7A3: true
    default: false
    }
  }
}
