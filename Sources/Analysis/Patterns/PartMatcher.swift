/// Wants the terms that hold a part.
package struct PartMatcher: Sendable {
  /// Of one byte or more; nothing holds an empty one.
  package let part: [UInt8]

  package init(_ part: [UInt8]) { self.part = part }

  package func matches(_ term: Span<UInt8>) -> Bool { end(in: term, from: 0) != nil }

  /// Where the part ends first in a term, of which it does not end before `start`. Compares from the part's end backwards: of the
  /// bytes that a term has and the one before it has not, the last byte of the part is mostly none.
  /// - Returns: how many bytes of the term there are up to its end there; `nil` where the term does not hold it.
  package func end(in term: Span<UInt8>, from start: Int) -> Int? {
    guard let last = part.last else { return nil }
    var end = max(start, part.count - 1)
    while end < term.count {
      if term[end] == last, stands(in: term, before: end) { return end + 1 }
      end += 1
    }
    return nil
  }

  /// Whether the part without its last byte stands before `end`.
  private func stands(in term: Span<UInt8>, before end: Int) -> Bool {
    let start = end - (part.count - 1)
    for index in 0..<part.count - 1 where term[start + index] != part[index] { return false }
    return true
  }
}
