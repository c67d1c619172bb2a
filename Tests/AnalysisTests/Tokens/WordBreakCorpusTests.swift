import Analysis
import Foundation
import Testing

/// Unicode's own word-break cases (UAX #29). A case agrees when the words of the standard, that is its segments with a
/// letter, digit or ideograph, are what stands behind our words: compounds as a whole, ideograph runs as the standard
/// divides them.
///
/// Where we differ on purpose: underscores at the ends of a word are not part of it; any joiner joins a letter with a digit
/// (`a.1`, `v2:b`) and a colon digits (`12:30`), where the standard's join like with like; a Hebrew letter does not keep a
/// final apostrophe, nor a word an invisible joiner before it.
struct WordBreakCorpusTests {
  private struct Case: Decodable {
    var input: String
    var segments: [String]
  }

  @Test(.enabled(if: AnalysisCorpus.isPresent, "analysis.tar.zst is absent"))
  func `words are those of UAX #29, but for the known differences`() throws {
    let cases = try JSONDecoder().decode([Case].self, from: AnalysisCorpus.read("unicode-word-break.json"))
    let analyzer = try AnalyzerSet.builtIn().text
    var different: [Reason: Int] = [:]
    for example in cases where words(analyzer.tokens(example.input)) != words(of: example.segments) {
      let reason = reason(example.input)
      different[reason, default: 0] += 1
      #expect(reason != .unknown, "\(example.input.debugDescription)")
    }
    #expect(cases.count == 648)
    let known: [Reason: Int] = [
      .underscore: 14, .letterWithDigit: 24, .colonBetweenDigits: 2, .hebrewApostrophe: 1, .invisibleJoiner: 1,
    ]
    #expect(different == known, "606 of 648 cases agree")
  }

  /// The places of our words: a compound hides its parts, a run of pairs is one place.
  private func words(_ tokens: [Token]) -> [Range<Int>] {
    var places: [Range<Int>] = []
    for token in tokens where token.kind != .folded && token.kind != .symbol {
      guard let last = places.last else {
        places.append(token.offset)
        continue
      }
      if token.offset.lowerBound >= last.upperBound {
        places.append(token.offset)
      } else if token.offset.upperBound > last.upperBound {
        places[places.count - 1] = last.lowerBound..<token.offset.upperBound
      }
    }
    return places
  }

  /// The places of the segments that hold a letter, digit or ideograph.
  private func words(of segments: [String]) -> [Range<Int>] {
    var places: [Range<Int>] = []
    var offset = 0
    for segment in segments {
      let end = offset + segment.utf8.count
      if segment.unicodeScalars.contains(where: { $0.properties.isAlphabetic || $0.properties.numericType != nil }) {
        places.append(offset..<end)
      }
      offset = end
    }
    return places
  }

  private enum Reason {
    case underscore, letterWithDigit, colonBetweenDigits, hebrewApostrophe, invisibleJoiner, unknown
  }

  private func reason(_ text: String) -> Reason {
    let scalars = text.unicodeScalars
    if scalars.contains("_") { return .underscore }
    if scalars.first == "\u{200D}" { return .invisibleJoiner }
    if scalars.contains("'"), scalars.contains(where: { (0x5D0...0x5EA).contains($0.value) }) {
      return .hebrewApostrophe
    }
    if scalars.starts(with: "1:".unicodeScalars), !scalars.contains(where: \.properties.isAlphabetic) {
      return .colonBetweenDigits
    }
    let hasLetter = scalars.contains { $0.properties.isAlphabetic }
    return hasLetter && scalars.contains("1") ? .letterWithDigit : .unknown
  }
}
