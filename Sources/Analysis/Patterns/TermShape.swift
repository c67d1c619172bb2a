/// How a text's term must look to be the one that an element of a phrase asks for.
package enum TermShape: Hashable, Sendable {
  /// It is the element's term.
  case whole
  /// It begins so.
  case beginning
  /// It holds it.
  case part
  /// It is at most so many edits away.
  case near(Int)
}

/// Tells which terms have a shape: made once for a walk over many terms.
package struct TermMatcher: Sendable {
  private let term: [UInt8]
  private let shape: TermShape
  private let distance: EditDistance?
  private let borders: [Int]

  package init(_ term: [UInt8], _ shape: TermShape) {
    self.term = term
    self.shape = shape
    if case .near(let limit) = shape { distance = EditDistance(to: term, limit: limit) } else { distance = nil }
    borders = shape == .part ? Self.borders(of: term) : []
  }

  package func matches(_ other: Span<UInt8>) -> Bool {
    switch shape {
    case .whole: other.count == term.count && stands(at: 0, in: other)
    case .beginning: stands(at: 0, in: other)
    case .part: holdsTerm(other)
    case .near: distance?.isWithinLimit(other) ?? false
    }
  }

  /// Whether a term that begins so may match.
  package func mayMatch(beginning: Span<UInt8>) -> Bool { distance?.isReachable(from: beginning) ?? true }

  private func stands(at start: Int, in other: Span<UInt8>) -> Bool {
    guard term.count <= other.count - start else { return false }
    for index in term.indices where term[index] != other[start + index] { return false }
    return true
  }

  /// In linear time whatever the term: where it breaks off, the table tells how much of it stands there again (Knuth, Morris,
  /// Pratt 1977).
  private func holdsTerm(_ other: Span<UInt8>) -> Bool {
    guard !term.isEmpty, term.count <= other.count else { return false }
    var matched = 0
    for index in other.indices {
      while matched > 0, term[matched] != other[index] { matched = borders[matched - 1] }
      if term[matched] == other[index] { matched += 1 }
      if matched == term.count { return true }
    }
    return false
  }

  /// For each beginning of the term how much of its end is a beginning of the term again.
  private static func borders(of term: [UInt8]) -> [Int] {
    var borders = [Int](repeating: 0, count: term.count)
    for index in term.indices.dropFirst() {
      var length = borders[index - 1]
      while length > 0, term[length] != term[index] { length = borders[length - 1] }
      borders[index] = term[length] == term[index] ? length + 1 : 0
    }
    return borders
  }
}
