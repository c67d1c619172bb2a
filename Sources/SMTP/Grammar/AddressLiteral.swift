/// `[192.0.2.1]` and `[IPv6:2001:db8::1]`. No other tag is registered, and none else may be used (RFC 5321 §4.1.3).
enum AddressLiteral {
  /// Steps over a literal and gives it with its brackets; `nil` if it breaks the grammar.
  static func parse(_ cursor: inout ByteCursor) -> ArraySlice<UInt8>? {
    let start = cursor
    guard cursor.skip("[") else { return nil }
    let content = cursor.take { (33...90).contains($0) || (94...126).contains($0) }
    guard cursor.skip("]"), isValid(content) else { return nil }
    return start.rest.prefix(content.count + 2)
  }

  private static func isValid(_ content: ArraySlice<UInt8>) -> Bool {
    guard let colon = content.firstIndex(of: UInt8(ascii: ":")) else { return isIPv4(content) }
    return content[..<colon].map(\.asciiUppercased) == Array("IPV6".utf8) && isIPv6(content[(colon + 1)...])
  }

  private static func isIPv4(_ text: ArraySlice<UInt8>) -> Bool {
    let numbers = text.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
    return numbers.count == 4
      && numbers.allSatisfy { digits in
        (1...3).contains(digits.count) && digits.allSatisfy(\.isDigit)
          && digits.reduce(0) { $0 * 10 + Int($1 - UInt8(ascii: "0")) } <= 255
      }
  }

  /// Eight groups, or at most six and `::` for the rest.
  private static func isIPv6(_ text: ArraySlice<UInt8>) -> Bool {
    let colon = UInt8(ascii: ":")
    guard let gap = text.indices.dropLast().first(where: { text[$0] == colon && text[$0 + 1] == colon }) else {
      return groupCount(text, mayEndInIPv4: true) == 8
    }
    guard
      let left = groupCount(text[..<gap], mayEndInIPv4: false),
      let right = groupCount(text[(gap + 2)...], mayEndInIPv4: true)
    else { return false }
    return left + right <= 6
  }

  /// Counts groups of one to four hex digits, an IPv4 address as two; `nil` if there is anything else.
  private static func groupCount(_ text: ArraySlice<UInt8>, mayEndInIPv4: Bool) -> Int? {
    if text.isEmpty { return 0 }
    var groups = text.split(separator: UInt8(ascii: ":"), omittingEmptySubsequences: false)
    var count = 0
    if mayEndInIPv4, let last = groups.last, isIPv4(last) {
      groups.removeLast()
      count = 2
    }
    guard groups.allSatisfy({ (1...4).contains($0.count) && $0.allSatisfy(isHexDigit) }) else { return nil }
    return count + groups.count
  }

  private static func isHexDigit(_ byte: UInt8) -> Bool {
    byte.isDigit || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains(byte | 0x20)
  }
}
