/// Chooses the excerpt of a text that shows the most of what a query asks: many different words count for more than many of one, and what is quoted from an earlier mail (lines that begin with `>`, RFC 3676, section 4.5) for less than what is new.
struct BestWindow {
  /// Matches that are looked at.
  private static let matchLimit = 256
  /// Different ones that are told apart.
  private static let kindLimit = 64
  private static let lineLimit = 1_000

  private let matches: ArraySlice<MatchFinder.Match>
  /// Beside `matches`.
  private var isQuoted: [Bool] = []

  /// - Parameter matches: ascending and apart.
  init(_ matches: [MatchFinder.Match], in text: Span<UInt8>) {
    self.matches = matches.prefix(Self.matchLimit)
    for match in self.matches { isQuoted.append(Self.isQuoted(match.range.lowerBound, in: text)) }
  }

  /// Where the first match of the best excerpt begins; the first of those that are equally good, `nil` without matches.
  func start(byteCount: Int) -> Int? {
    var best: (score: Int, start: Int)?
    for first in matches.indices {
      var seen: UInt64 = 0
      var score = 0
      let end = matches[first].range.lowerBound + byteCount
      for index in first..<matches.endIndex {
        if matches[index].range.lowerBound >= end { break }
        let bit: UInt64 = 1 << UInt64(min(matches[index].word, Self.kindLimit - 1))
        let worth = seen & bit == 0 ? 16 : 1
        score += isQuoted[index] ? worth : 4 * worth
        seen |= bit
      }
      if score > best?.score ?? 0 { best = (score, matches[first].range.lowerBound) }
    }
    return best?.start
  }

  private static func isQuoted(_ offset: Int, in text: Span<UInt8>) -> Bool {
    var start = offset
    while start > 0, offset - start < lineLimit, text[start - 1] != UInt8(ascii: "\n") { start -= 1 }
    // Of a very long line nobody knows how it begins.
    if offset - start == lineLimit { return false }
    while start < offset, text[start] == UInt8(ascii: " ") { start += 1 }
    return text[start] == UInt8(ascii: ">")
  }
}
