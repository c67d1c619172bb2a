import TestSupport
import Testing

@testable import Analysis

@Suite struct TermAutomatonTests {
  @Test func `a term is near exactly when the table of distances says so`() {
    var random = SeededGenerator(seed: 11)
    let letters = Array("abcé한0")
    func word(_ lengths: ClosedRange<Int>) -> String {
      String((0..<Int.random(in: lengths, using: &random)).map { _ in letters.randomElement(using: &random) ?? "a" })
    }
    var nearCount = 0
    for round in 0..<20_000 {
      let typed = round % 50 == 0 ? word(60...66) : word(1...7)
      var term = Array(typed)
      if round % 3 == 0 { term = Array(word(1...7)) }
      for _ in 0..<Int.random(in: 0...3, using: &random) where !term.isEmpty {
        let index = Int.random(in: 0..<term.count, using: &random)
        switch Int.random(in: 0..<4, using: &random) {
        case 0: term.remove(at: index)
        case 1: term.insert("x", at: index)
        case 2: term[index] = "한"
        default: term.swapAt(index, max(0, index - 1))
        }
      }
      let distance = Self.distance(Array(typed.unicodeScalars), Array(String(term).unicodeScalars))
      for limit in 1...2 {
        let automaton = NearAutomaton(to: Array(typed.utf8), limit: limit)
        let isNear = automaton.accepts(Array(String(term).utf8).span)
        let expected = typed.unicodeScalars.count <= NearAutomaton.maxLength && distance <= limit
        #expect(isNear == expected, "\(typed) and \(String(term)): \(distance)")
        if isNear {
          nearCount += 1
          let bytes = Array(String(term).utf8)
          let begun = Array(bytes.prefix(Int.random(in: 0...bytes.count, using: &random)))
          let state = automaton.state(after: begun.span)
          #expect(!automaton.isDead(state), "\(typed), \(begun)")
          // What comes next is never leapt over.
          if begun.count < bytes.count, let next = bytes[begun.count] > 0 ? bytes[begun.count] - 1 : nil {
            let offered = automaton.nextByte(above: next, from: state)
            #expect(offered.map { $0 <= bytes[begun.count] } ?? false, "\(typed), \(begun), \(bytes[begun.count])")
          }
        }
      }
    }
    #expect(nearCount > 5_000)
  }

  @Test func `a word of more than 63 letters is looked for as it stands`() throws {
    let analyzer = try AnalyzerSet.builtIn().text
    for (count, isNear) in [(63, true), (64, false)] {
      let word = String(repeating: "é", count: count)
      let shape = try #require(analyzer.pattern(forFuzzy: word, distance: 1).phrases.first?.first?.shape)
      #expect(shape == (isNear ? .near(1) : .whole))
    }
  }

  @Test(arguments: ["a", "ab", "aab", "abab", "abaabc"])
  func `a part is found where it stands and nowhere else`(part: String) {
    var random = SeededGenerator(seed: 5)
    let matcher = TermMatcher(Array(part.utf8), .part)
    for _ in 0..<2_000 {
      let term = (0..<Int.random(in: 0...12, using: &random)).map { _ in "abc".utf8.randomElement(using: &random) ?? 97
      }
      let isFound = matcher.matches(term.span)
      #expect(isFound == String(decoding: term, as: UTF8.self).contains(part))
    }
  }

  @Test func `most beginnings of other words lead nowhere`() {
    let automaton = NearAutomaton(to: Array("budget".utf8), limit: 1)
    for (beginning, isReachable) in [
      ("", true), ("b", true), ("u", true), ("x", true), ("xb", true), ("xbu", true), ("xx", false), ("ub", true),
      ("ubd", true),
      ("bgt", false), ("budgetx", true), ("budgetxx", false), ("café", false), ("budg\u{E9}", true),
    ] as [(String, Bool)] {
      let bytes = Array(beginning.utf8)
      let isDead = automaton.isDead(automaton.state(after: bytes.span))
      #expect(isDead != isReachable, "\(beginning)")
    }
    let cut = Array(Array("budgé".utf8).dropLast())
    let isCutDead = automaton.isDead(automaton.state(after: cut.span))
    #expect(!isCutDead, "a letter that is cut may be any")
  }

  /// Optimal string alignment, by the table.
  private static func distance(_ left: [Unicode.Scalar], _ right: [Unicode.Scalar]) -> Int {
    var table = [[Int]](repeating: [Int](repeating: 0, count: right.count + 1), count: left.count + 1)
    for row in 0...left.count { table[row][0] = row }
    for column in 0...right.count { table[0][column] = column }
    for row in 0..<left.count {
      for column in 0..<right.count {
        var best = min(table[row][column + 1], table[row + 1][column]) + 1
        best = min(best, table[row][column] + (left[row] == right[column] ? 0 : 1))
        if row > 0, column > 0, left[row] == right[column - 1], left[row - 1] == right[column] {
          best = min(best, table[row - 1][column - 1] + 1)
        }
        table[row + 1][column + 1] = best
      }
    }
    return table[left.count][right.count]
  }

  @Test(arguments: [("weeks", "week's", false), ("week's", "weeks", true), ("abc", "ab", true)])
  func `a compound is near to a word with punctuation only`(typed: String, term: String, isNear: Bool) {
    let isAccepted = NearAutomaton(to: Array(typed.utf8), limit: 1).accepts(Array(term.utf8).span)
    #expect(isAccepted == isNear)
  }
}
