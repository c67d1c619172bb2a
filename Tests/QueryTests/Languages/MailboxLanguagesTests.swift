import Analysis
import Index
import Query
import Testing

@Suite struct MailboxLanguagesTests {
  private static let texts = [
    "english": "the report and this plan that you have for us with thanks",
    "german": "und das ist nicht eine Frage, auch mit Bericht wird es besser",
    "french": "les rapports des clients pour vous dans une semaine est avec nous",
    "spanish": "los informes por las tardes para una reunión con el director del grupo que",
    "turkish": "ve bu bir rapor için çok değil ile var",
    "danish": "af hvad også kun mig efter blev ikke", "norwegian": "av hva også bare meg etter ble ikke",
  ]

  private func languages(_ shares: [String: Int], isInverted: Bool = true) throws -> [StemmingLanguage] {
    let mailbox = try Mailbox()
    for (language, count) in shares.sorted(by: { $0.key < $1.key }) {
      for _ in 0..<count { mailbox.add("x", body: Self.texts[language] ?? language) }
    }
    if isInverted { try mailbox.invert() }
    return try mailbox.languages.languages
  }

  @Test func `a mailbox's languages are those of a fiftieth of its mails`() throws {
    #expect(try languages(["english": 50]) == [.english])
    #expect(try languages(["english": 90, "german": 10, "turkish": 1]) == [.english, .german])
    #expect(try languages(["french": 20, "spanish": 20]) == [.french, .spanish])
    #expect(try languages(["turkish": 40]) == [.turkish])
    #expect(try languages(["danish": 40]) == [.danish])
    #expect(try languages(["norwegian": 40]) == [.norwegian])
  }

  @Test func `mail that is in no segment yet tells it too, alone and beside what is in segments`() throws {
    #expect(try languages(["german": 40], isInverted: false) == [.german])
    #expect(try languages(["english": 90, "german": 10, "turkish": 1], isInverted: false) == [.english, .german])
    #expect(try languages(["german": 31], isInverted: false) == [])
    let mailbox = try Mailbox()
    for _ in 0..<30 { mailbox.add("x", body: Self.texts["english"] ?? "") }
    try mailbox.invert()
    for _ in 0..<10 { mailbox.add("x", body: Self.texts["french"] ?? "") }
    #expect(try mailbox.languages.languages == [.english, .french])
  }

  @Test func `a few words of a language and few mails tell nothing`() throws {
    #expect(try languages(["mit und": 100]) == [])
    #expect(try languages(["german": 31]) == [])
    #expect(try languages(["회의록 결산보고서": 40]) == [])
    let mailbox = try Mailbox()
    for _ in 0..<40 { mailbox.add("x", from: ("und nicht eine wird auch mit ist das", "a@example.com")) }
    try mailbox.invert()
    #expect(try mailbox.languages == [])
  }

  @Test func `no language's words are those of another`() {
    for language in StemmingLanguage.allCases where !language.functionWords.isEmpty {
      #expect(Set(language.functionWords).count == 8, "\(language)")
      for other in StemmingLanguage.allCases where other != language {
        #expect(Set(language.functionWords).intersection(other.functionWords).count < 5, "\(language) \(other)")
      }
    }
  }
}

extension Mailbox {
  fileprivate var languages: StemmingLanguages {
    get throws { try MailboxLanguages(of: index.terms(of: user)).languages }
  }
}
