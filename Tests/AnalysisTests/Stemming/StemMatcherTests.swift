import Analysis
import Foundation
import Testing

struct StemMatcherTests {
  private func forms(_ word: String, _ languages: [StemmingLanguage]) throws -> TermMatcher {
    let analyzer = try AnalyzerSet.builtIn().text
    let phrases = analyzer.pattern(forWord: word, stemming: StemmingLanguages(languages)).phrases
    let element = try #require(phrases.last?.first)
    return TermMatcher(element.term, element.shape)
  }

  private func isForm(_ text: String, _ matcher: TermMatcher) throws -> Bool {
    // Without accents too, as an index has it.
    try AnalyzerSet.builtIn().text.tokens(text).contains { matcher.matches($0.term.span) }
  }

  @Test(
    arguments: [
      (
        "meeting", [StemmingLanguage.english], ["meeting", "Meetings", "meet", "meets"],
        ["meat", "meter", "me", "greet"]
      ),
      ("cry", [.english], ["cries", "cried", "cry"], ["crier", "crisp"]),
      ("cries", [.english], ["cry", "crying"], ["creed"]),
      ("die", [.english], ["dies", "died"], ["dying"]), ("dying", [.english], ["die", "dying"], ["dye"]),
      ("hoping", [.english], ["hope", "hopes"], ["hop", "hopping"]),
      ("running", [.english], ["run", "runs"], ["runner", "rung"]),
      ("Häuser", [.german], ["Haus", "Hauses", "häusern"], ["Haut", "Hausmann"]),
      ("haus", [.german], ["Häuser", "Hauses"], ["Hase"]),
      ("élève", [.french], ["élèves", "élève"], ["eleve", "éleveur"]),
      ("eleve", [.french], ["élèves", "eleves"], ["élue"]),
      ("книга", [.russian], ["книги", "книгу", "книгами"], ["книжка"]),
      ("άνθρωπος", [.greek], ["άνθρωποι", "ανθρώπου"], ["ανθρακας"]),
      ("المدرسة", [.arabic], ["مدرسة"], ["قلم"]),
      ("meetings", [.english, .german], ["meeting", "meetings"], ["mehr"]),
    ] as [(String, [StemmingLanguage], [String], [String])])
  func `forms of a word are found, and others are not`(
    word: String, languages: [StemmingLanguage], forms: [String], others: [String]
  ) throws {
    let matcher = try self.forms(word, languages)
    for form in forms { #expect(try isForm(form, matcher), "\(form)") }
    for other in others { #expect(try !isForm(other, matcher), "\(other)") }
  }

  @Test(arguments: [
    "is", "INV-2024", "a.b-c/d", "2024", "3d", "회의실", "東京", "ทำงาน", "книга", "meetingкнига", "🎉", "x", "C++",
    "straßemeeting2",
  ])
  func `what is not one word of letters in a script of the languages has no forms`(text: String) throws {
    let analyzer = try AnalyzerSet.builtIn().text
    #expect(
      analyzer.pattern(forWord: text, stemming: StemmingLanguages([.english, .german]))
        == analyzer.pattern(forWord: text))
  }

  @Test func `a walk looks at nothing but what begins as the word and its stem do`() throws {
    func beginnings(_ word: String, _ language: StemmingLanguage) throws -> [String] {
      guard case .stem(let matcher) = try forms(word, [language]) else { return [] }
      return matcher.beginnings.map { String(decoding: $0, as: UTF8.self) }
    }
    #expect(try beginnings("meeting", .english) == ["mee"])
    #expect(try beginnings("cries", .english) == ["cr"])
    #expect(try beginnings("Häuser", .german) == ["hau"])
    #expect(try beginnings("élève", .french) == ["ele", "él"])
    #expect(try beginnings("книга", .russian) == ["кни"])
  }

  @Test func `a quoted word, and one without languages, is itself alone`() throws {
    let analyzer = try AnalyzerSet.builtIn().text
    let itself = TextPattern([[PhraseElement(term: Array("meeting".utf8))]])
    #expect(analyzer.pattern(forPhrase: "meeting") == itself)
    #expect(analyzer.pattern(forWord: "meeting") == itself)
    #expect(
      "\(analyzer.pattern(forWord: "meeting", stemming: StemmingLanguages([.english])))" == "forms of meet")
  }

  @Test(
    .enabled(if: AnalysisCorpus.isPresent, "analysis.tar.zst is absent"),
    arguments: [
      StemmingLanguage.english, .french, .russian,
    ])
  func `stems are those of Snowball's vocabularies`(language: StemmingLanguage) throws {
    let text = String(decoding: try AnalysisCorpus.read("snowball/\(language.rawValue).tsv"), as: UTF8.self)
    var count = 0
    var different: [String] = []
    for line in text.split(separator: "\n") {
      let columns = line.split(separator: "\t")
      guard columns.count == 2 else { continue }
      count += 1
      let stems = StemMatcher.stems(of: Array(columns[0].utf8), StemmingLanguages([language]))
      if stems != [String(columns[1])] { different.append("\(columns[0]) \(stems) \(columns[1])") }
    }
    #expect(count > 5_000)
    // Those vocabularies are of a later Snowball than libstemmer 2.2, which takes no elisions off (c'est) and has other
    // endings (evenings, azerbaïdjanaise).
    let known: [StemmingLanguage: Int] = [.english: 17, .french: 279]
    #expect(different.count <= known[language] ?? 0, "\(different.prefix(20))")
  }
}
