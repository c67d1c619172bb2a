import Analysis

/// Two sides that are to stand near each other in one value. Keeps of each side where it ended last, as far back as the other
/// may begin and no further.
struct NeighbourSearch {
  private let distance: Int
  /// How far an occurrence may begin before its end.
  private let reach: Int
  /// Where occurrences of the sides ended, ascending.
  private var ends: [[Int]] = [[], []]

  init(_ pattern: TextPattern, within distance: Int) {
    self.distance = distance
    reach = pattern.allPhrases.compactMap(\.last?.position).max() ?? 0
  }

  /// Notes an occurrence; those noted before end no later.
  /// - Returns: whether the other side ended near before it began.
  mutating func note(side: Int, from start: Int, through end: Int) -> Bool {
    if ends[side].last != end { ends[side].append(end) }
    // Half of what is kept is too far away then, so that each is moved twice at most.
    if ends[side].count > 2 * (reach + distance) + 16 {
      ends[side].removeAll { $0 < end - reach - distance }
    }
    // From the last one on: those that end no earlier than this one begins are as many as a phrase has words.
    guard let nearest = ends[1 - side].last(where: { $0 < start }) else { return false }
    return start - nearest <= distance
  }
}
