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

  package init(_ term: [UInt8], _ shape: TermShape) {
    self.term = term
    self.shape = shape
    if case .near(let limit) = shape { distance = EditDistance(to: term, limit: limit) } else { distance = nil }
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

  private func holdsTerm(_ other: Span<UInt8>) -> Bool {
    guard let first = term.first, term.count <= other.count else { return false }
    for start in 0...(other.count - term.count) where other[start] == first {
      if stands(at: start, in: other) { return true }
    }
    return false
  }
}
