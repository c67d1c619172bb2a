import TestSupport
import Testing

@testable import Analysis

@Suite struct EditDistanceTests {
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
        let isNear = EditDistance(to: Array(typed.utf8), limit: limit).isWithinLimit(Array(String(term).utf8).span)
        let expected = typed.unicodeScalars.count <= EditDistance.maxLength && distance <= limit
        #expect(isNear == expected, "\(typed) and \(String(term)): \(distance)")
        if isNear {
          nearCount += 1
          let bytes = Array(String(term).utf8)
          let begun = Array(bytes.prefix(Int.random(in: 0...bytes.count, using: &random)))
          let isReachable = EditDistance(to: Array(typed.utf8), limit: limit).isReachable(from: begun.span)
          #expect(isReachable, "\(typed), \(begun)")
        }
      }
    }
    #expect(nearCount > 5_000)
  }

  @Test func `a word of more than 64 letters is looked for as it stands`() throws {
    let analyzer = try AnalyzerSet.builtIn().text
    for (count, isNear) in [(64, true), (65, false)] {
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
    let distance = EditDistance(to: Array("budget".utf8), limit: 1)
    for (beginning, isReachable) in [
      ("", true), ("b", true), ("u", true), ("x", true), ("xb", true), ("xbu", true), ("xx", false), ("ub", true),
      ("ubd", true),
      ("bgt", false), ("budgetx", true), ("budgetxx", false), ("café", false), ("budg\u{E9}", true),
    ] as [(String, Bool)] {
      let bytes = Array(beginning.utf8)
      let found = distance.isReachable(from: bytes.span)
      #expect(found == isReachable, "\(beginning)")
    }
    let cut = Array(Array("budgé".utf8).dropLast())
    let isCutReachable = distance.isReachable(from: cut.span)
    #expect(isCutReachable, "a letter that is cut may be any")
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
    #expect(EditDistance(to: Array(typed.utf8), limit: 1).isWithinLimit(Array(term.utf8).span) == isNear)
  }
}
