import Analysis
import Testing

struct InitialConsonantsTests {
  private let set: AnalyzerSet

  init() throws { set = try AnalyzerSet.builtIn() }

  @Test(arguments: [
    ("ㅎㅇㄹ", "회의록", true), ("ㅎㅇ", "회의록", true), ("ㅇㄹ", "회의록", true), ("ㅎㅇㄹ", "2024년 대회의록집", true),
    ("ㅎㅇㄹ", "회의 록", false), ("ㅎㄹ", "회의록", false), ("ㅎㅇㄹ", "회의장", false), ("ㄱㄱ", "까까", false), ("ㄲㄲ", "까까", true),
    ("ㅋㅋ", "ㅋㅋㅋ", true), ("ㅎㅎ", "힣하", true), ("ㄱㄱ", "가깋", true), ("ㄱㄱ", "가까", false), ("ㄱㄲ", "가까", true),
    ("ㅎㅇ", "회\u{1100}\u{1161}", false),
    ("ㅎㅇ", "\u{1112}\u{116C}\u{110B}\u{1174}", true), ("ﾡﾡ", "가각", true),
  ])
  func `consonants find the syllables that begin with them`(typed: String, text: String, isFound: Bool) throws {
    let pattern = try #require(set.text.pattern(forInitials: typed))
    #expect(pattern.matches(set.text.tokens(text)) == isFound, "\(pattern)")
  }

  @Test(arguments: ["ㅎ", "회의", "ㅎㅇ록", "ㅏㅏ", "abc", "", "ㄳㄳ", "ㅎ ㅇ", "ㅎㅇ2"])
  func `what is not consonants alone has no initials`(text: String) {
    #expect(set.text.pattern(forInitials: text) == nil)
  }

  @Test func `what is looked at lies between the first and the last syllable of a consonant`() throws {
    let element = try #require(set.text.pattern(forInitials: "ㅎㅇ")?.phrases[0].first)
    guard case .initials(let consonants) = TermMatcher(element.term, element.shape) else {
      Issue.record("initials")
      return
    }
    #expect(String(decoding: consonants.bounds.lower, as: UTF8.self) == "하")
    #expect(consonants.bounds.upper.lexicographicallyPrecedes(Array("하".utf8)) == false)
    #expect(Array("힣의".utf8).lexicographicallyPrecedes(consonants.bounds.upper))
  }
}
