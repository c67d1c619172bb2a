/// The `Range` header field (RFC 9110 §14.2) for one range of bytes.
package enum ByteRange {
  package enum Answer: Equatable {
    case whole
    case part(Range<Int>)
    case unsatisfiable
  }

  /// Several ranges, other units and malformed fields are passed over, as the RFC allows: the whole is answered.
  package static func answer(_ field: String?, byteCount: Int) -> Answer {
    guard let field, let equals = field.firstIndex(of: "="), field[..<equals].lowercased() == "bytes" else {
      return .whole
    }
    let parts = field[field.index(after: equals)...].split(separator: "-", omittingEmptySubsequences: false)
    guard parts.count == 2, let first = number(parts[0]), let last = number(parts[1]) else { return .whole }
    switch (first, last) {
    case (nil, nil): return .whole
    case (nil, let suffix?):
      return suffix == 0 || byteCount == 0 ? .unsatisfiable : .part(max(0, byteCount - suffix)..<byteCount)
    case (let first?, let last):
      if let last, last < first { return .whole }
      guard first < byteCount else { return .unsatisfiable }
      return .part(first..<min(byteCount, (last ?? .max - 1) + 1))
    }
  }

  /// Nil for what is no number, `.some(nil)` for nothing.
  private static func number(_ text: Substring) -> Int?? {
    if text.isEmpty { return .some(nil) }
    guard text.utf8.count <= 18, text.utf8.allSatisfy({ UInt8(ascii: "0")...UInt8(ascii: "9") ~= $0 }) else {
      return nil
    }
    return Int(text).map { .some($0) } ?? nil
  }
}
