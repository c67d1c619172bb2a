import Analysis
import Bytes
import Index
import Query
import TestSupport
import Testing

@Suite struct HighlighterTests {
  let analyzers: AnalyzerSet

  init() throws { analyzers = try AnalyzerSet.builtIn() }

  /// Matches in brackets.
  private func marked(_ query: String, _ change: (inout ExtractedTextRecord) -> Void) throws -> (String, String, String)
  {
    var record = ExtractedTextRecord()
    change(&record)
    let highlights = Highlighter(try parseQuery(query).root, analyzers).highlights(of: record)
    func text(_ runs: [HighlightRun]) -> String { runs.map { $0.isMatch ? "[\($0.text)]" : $0.text }.joined() }
    return (text(highlights.subject), text(highlights.from), text(highlights.body))
  }

  @Test(arguments: [
    ("budget", "The Budget of 2024", "The [Budget] of 2024"),
    ("\"q3 plan\"", "Q3 plan and plan", "[Q3] [plan] and plan"),
    ("bud*", "budget, buddy, bad", "[budget], [buddy], bad"), ("cafe", "Café au lait", "[Café] au lait"),
    ("-budget plan", "budget plan", "budget [plan]"), ("from:alice", "alice", "alice"), ("京都", "東京都庁", "東[京都]庁"),
    ("x", "", ""),
  ])
  func `the words of the query are marked`(query: String, subject: String, expected: String) throws {
    #expect(try marked(query) { $0.subject = subject }.0 == expected)
  }

  @Test(arguments: [
    ("resumé", "Résumé, resume", "[Résumé], resume"), ("\"a b c\"", "a b a b c b c", "a b [a] [b] [c] b c"),
    ("\"a a\"", "a b a a a", "a b [a] [a] [a]"), ("\"a b\" OR b", "b c a b", "[b] c [a] [b]"),
    ("ทำงาน", "ขอทำงานวัน", "ขอ[ทำงาน]วัน"), ("INV-*", "INV-1 invoice", "[INV]-1 invoice"),
  ])
  func `what matches is marked, and all of a phrase`(query: String, subject: String, expected: String) throws {
    #expect(try marked(query) { $0.subject = subject }.0 == expected)
  }

  @Test func `an attachment whose text matches is shown with its name, and others are not`() throws {
    var record = ExtractedTextRecord()
    record.body = "the plan"
    record.attachmentTexts = [
      .init(filename: "notes.txt", text: "nothing of the kind"),
      .init(filename: "budget.xlsx", text: String(repeating: "lorem ipsum ", count: 1_000) + "the plan costs"),
      .init(filename: nil, text: "another plan"),
    ]
    func marks(_ query: String) throws -> [String] {
      try Highlighter(parseQuery(query).root, analyzers).highlights(of: record).attachments.map { attachment in
        let matches = attachment.text.filter(\.isMatch).map(\.text).joined(separator: " ")
        return "\(attachment.filename ?? "-"): \(matches)"
      }
    }
    #expect(try marks("plan") == ["budget.xlsx: plan", "-: plan"])
    #expect(try marks("attachment:\"plan costs\"") == ["budget.xlsx: plan costs"])
    #expect(try marks("subject:plan") == [])
    #expect(try marks("-plan nothing") == ["notes.txt: nothing"])
    record.attachmentTexts = (0..<50).map { .init(filename: "\($0)", text: "plan") }
    #expect(try marks("plan").count == 10)
  }

  @Test func `the excerpt is the one with the most different matches, and new text goes before quoted`() throws {
    let rest = String(repeating: "lorem ipsum dolor ", count: 30)
    func body(_ text: String, _ query: String) throws -> String { try marked(query) { $0.body = text }.2 }
    let both = try body("budget \(rest) the budget and the plan \(rest)", "budget plan")
    #expect(both.contains("the [budget] and the [plan]"), "\(both)")
    let new = try body("> the budget of the plan\n\(rest)\n my budget of a plan", "budget plan")
    #expect(new.contains("my [budget] of a [plan]"), "\(new)")
    let quoted = try body("\(rest)\n  > the budget\n\(rest)", "budget plan")
    #expect(quoted.contains("> the [budget]"), "\(quoted)")
    let more = try body("budget budget budget \(rest) plan for budget", "budget plan")
    #expect(more.contains("[plan] for [budget]"), "\(more)")
    let far = try body(String(repeating: "x ", count: 20_000) + "the budget " + rest, "budget")
    #expect(far.contains("the [budget]"), "\(far)")
    let stems = try AnalyzerSet.builtIn(stemming: StemmingLanguages([.english]))
    var record = ExtractedTextRecord()
    record.body = "report reports reporting \(rest) a report on the budget"
    let runs = Highlighter(try parseQuery("report budget").root, stems).highlights(of: record).body
    #expect(runs.filter(\.isMatch).map(\.text) == ["report", "budget"], "forms of one word are one word")
    let edge = String(repeating: "x ", count: 2_044) + "budget and the plan"
    #expect(try body(edge, "budget plan").hasSuffix("[budget] and the [plan]"))
    #expect(try body("nothing here", "budget") == "nothing here")
  }

  @Test(arguments: 71...74 as ClosedRange<UInt64>)
  func `marks are those of a slow look at every token`(seed: UInt64) throws {
    var random = RandomMail(generator: SeededGenerator(seed: seed))
    for round in 0..<200 {
      let text = random.text(1...12)
      let query = random.pick([
        TextQuery(.word, random.pick(RandomMail.words)), TextQuery(.phrase, random.text(1...3)),
        TextQuery(.prefix, String(random.pick(RandomMail.words).prefix(2))), random.insideWord(), random.misspelt(),
      ])
      var record = ExtractedTextRecord()
      record.subject = text
      let runs = Highlighter(.text(field: .subject, query), analyzers).highlights(of: record).subject
      #expect(runs.map(\.text).joined() == text)
      let marked = runs.map { $0.isMatch ? "[\($0.text)]" : $0.text }.joined()
      #expect(marked == slowMarks(query, text), "seed \(seed), round \(round): \(query) in \(text)")
    }
  }

  private func slowMarks(_ query: TextQuery, _ text: String) -> String {
    let pattern =
      switch query.kind {
      case .word: analyzers.text.pattern(forInitials: query.text) ?? analyzers.text.pattern(forWord: query.text)
      case .phrase: analyzers.text.pattern(forPhrase: query.text)
      case .prefix: analyzers.text.pattern(forPrefix: query.text)
      case .substring: analyzers.text.pattern(forSubstring: query.text)
      case .fuzzy: analyzers.text.pattern(forFuzzy: query.text, distance: 1)
      case .fuzzy2: analyzers.text.pattern(forFuzzy: query.text, distance: 2)
      }
    let tokens = analyzers.text.tokens(text)
    var marks = [Bool](repeating: false, count: text.utf8.count)
    for phrase in pattern.phrases {
      for start in Set(tokens.map(\.position)) {
        let places = phrase.map { element in
          tokens.filter { $0.position == start + element.position && element.matches($0) }
        }
        if places.contains(where: \.isEmpty) { continue }
        for (element, found) in zip(phrase, places) {
          for token in found {
            // Of a pair of which the first character was asked for, what comes before the next pair or the last character.
            let second = tokens.first { $0.position == token.position + 1 }?.offset.lowerBound
            let isFirst = token.kind == .bigram && element.shape == .beginning
            let end = isFirst ? second ?? token.offset.upperBound : token.offset.upperBound
            for byte in token.offset.lowerBound..<end { marks[byte] = true }
          }
        }
      }
    }
    var output: [UInt8] = []
    for (index, byte) in text.utf8.enumerated() {
      let before = index > 0 && marks[index - 1]
      if marks[index], !before { output.append(UInt8(ascii: "[")) }
      if !marks[index], before { output.append(UInt8(ascii: "]")) }
      output.append(byte)
    }
    if marks.last == true { output.append(UInt8(ascii: "]")) }
    return String(decoding: output, as: UTF8.self)
  }

  @Test(arguments: [
    ("x*", "x", 1 << 17), ("京", "京", 1 << 15), ("\"京京\"", "京", 1 << 15), ("a", "a ", 1 << 15),
    ("\"a a a\"", "a ", 1 << 15),
    ("needle", "_", 1 << 17), ("zz*", "z", 1 << 17),
  ])
  func `a match as long as the text is clipped`(query: String, piece: String, count: Int) throws {
    let text = String(repeating: piece, count: count)
    let shown = try marked(query) {
      $0.body = text
      $0.subject = text
      $0.from = (0..<200).map { .init(name: "Person \($0)", address: "\(text.prefix(2_000))@example.com") }
    }
    func byteCount(_ text: String) -> Int { text.utf8.count { ![UInt8(ascii: "["), UInt8(ascii: "]")].contains($0) } }
    #expect((150...250).contains(byteCount(shown.2)))
    #expect(byteCount(shown.0) < 1_010 && byteCount(shown.1) < 2_100)
    #expect(shown.2.contains("[") == (query != "needle") && !shown.2.contains("\u{FFFD}"))
  }

  @Test func `a text is not analysed past its window, nor past the deadline`() throws {
    var record = ExtractedTextRecord()
    record.body = "needle and thread " + String(repeating: "filler ", count: 400_000) + " lost"
    func looks(_ query: String) throws -> Int64 {
      let counter = LockedCounter()
      let highlighter = Highlighter(try parseQuery(query).root, analyzers)
      _ = highlighter.highlights(of: record, deadline: SearchDeadline { counter.next() < 0 })
      return counter.next() - 1
    }
    #expect(try looks("body:needle") == looks("subject:needle"))
    #expect(try looks("body:\"needle and\"") == looks("body:needle"))
    #expect(try looks("body:lost") >= looks("body:needle") + 6)
    let late = Highlighter(try parseQuery("lost needle").root, analyzers)
      .highlights(of: record, deadline: SearchDeadline { true })
    #expect(late.body.map(\.isMatch) == [false] && late.body[0].text.hasPrefix("needle and thread"))
  }

  @Test func `senders are marked in name and address`() throws {
    let from = try marked("from:example.com OR lee") {
      $0.from = [.init(name: "Ann Lee", address: "ann@example.com"), .init(name: nil, address: "b@x.org")]
    }.1
    #expect(from == "Ann [Lee] <ann@[example.com]>, b@x.org")
  }

  @Test func `a long body is shown around its first match, whole words, whole scalars`() throws {
    let filler = String(repeating: "später läuft ", count: 200)
    let body = try marked("needle") { $0.body = filler + "a needle here " + filler }.2
    #expect(body.contains("a [needle] here"))
    #expect((150...300).contains(body.utf8.count))
    #expect(!body.contains("\u{FFFD}"))
    #expect(body.hasPrefix("später") || body.hasPrefix("läuft"))
    #expect(try marked("nothing") { $0.body = filler }.2.hasPrefix("später läuft"))
  }
}
