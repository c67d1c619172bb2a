/// Reads what RFC 4291 §2.2 allows, and writes what RFC 5952 recommends. (The address literals of mail have a grammar of
/// their own: `AddressLiteral`.)
extension IPAddress {
  /// `nil` for anything but an address: brackets, a zone, a port or a leading zero of a decimal number as well.
  package init?(_ text: String) { self.init(Array(text.utf8)[...]) }

  init?(_ text: ArraySlice<UInt8>) {
    if let address = IPAddress(ipv4Text: text) ?? IPAddress(ipv6Text: text) { self = address } else { return nil }
  }

  /// `192.0.2.7`
  init?(ipv4Text text: ArraySlice<UInt8>) {
    let numbers = text.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
    guard numbers.count == 4 else { return nil }
    var bits: UInt32 = 0
    for number in numbers {
      guard let byte = DecimalNumber.parse(number, atMost: 255) else { return nil }
      bits = bits << 8 | UInt32(byte)
    }
    self.init(ipv4: bits)
  }

  /// `2001:db8::7`, `::ffff:192.0.2.7`: eight groups, or fewer and `::` for one or more that are zero.
  init?(ipv6Text text: ArraySlice<UInt8>) {
    let colon = UInt8(ascii: ":")
    var groups: [UInt16]
    if let gap = text.indices.dropLast().first(where: { text[$0] == colon && text[$0 + 1] == colon }) {
      guard
        let left = Self.groups(text[..<gap], mayEndInIPv4: false),
        let right = Self.groups(text[(gap + 2)...], mayEndInIPv4: true), left.count + right.count < 8
      else { return nil }
      groups = left + Array(repeating: 0, count: 8 - left.count - right.count) + right
    } else {
      guard let all = Self.groups(text, mayEndInIPv4: true), all.count == 8 else { return nil }
      groups = all
    }
    self.init(ipv6: groups.reduce(0) { $0 << 16 | UInt128($1) })
  }

  /// Between single colons; an IPv4 address counts as two.
  private static func groups(_ text: ArraySlice<UInt8>, mayEndInIPv4: Bool) -> [UInt16]? {
    if text.isEmpty { return [] }
    var texts = text.split(separator: UInt8(ascii: ":"), omittingEmptySubsequences: false)
    var end: [UInt16] = []
    if mayEndInIPv4, let last = texts.last, let address = IPAddress(ipv4Text: last) {
      texts.removeLast()
      end = [UInt16(address.bits >> 16), UInt16(truncatingIfNeeded: address.bits)]
    }
    var groups: [UInt16] = []
    for text in texts {
      guard let group = group(text) else { return nil }
      groups.append(group)
    }
    return groups + end
  }

  /// One to four hex digits.
  private static func group(_ text: ArraySlice<UInt8>) -> UInt16? {
    guard (1...4).contains(text.count) else { return nil }
    var number: UInt16 = 0
    for digit in text {
      switch digit {
      case UInt8(ascii: "0")...UInt8(ascii: "9"): number = number << 4 | UInt16(digit - UInt8(ascii: "0"))
      case UInt8(ascii: "A")...UInt8(ascii: "F"): number = number << 4 | UInt16(digit - UInt8(ascii: "A") + 10)
      case UInt8(ascii: "a")...UInt8(ascii: "f"): number = number << 4 | UInt16(digit - UInt8(ascii: "a") + 10)
      default: return nil
      }
    }
    return number
  }
}

extension IPAddress: CustomStringConvertible {
  package var description: String {
    switch family {
    case .ipv4: (0..<4).map { String(UInt8(truncatingIfNeeded: bits >> (24 - 8 * $0))) }.joined(separator: ".")
    case .ipv6: Self.text((0..<8).map { UInt16(truncatingIfNeeded: bits >> (112 - 16 * $0)) })
    }
  }

  private static func text(_ groups: [UInt16]) -> String {
    let texts = groups.map { String($0, radix: 16) }
    guard let zeros = longestZeros(groups) else { return texts.joined(separator: ":") }
    let sides = [texts[..<zeros.lowerBound], texts[zeros.upperBound...]]
    return sides.map { $0.joined(separator: ":") }.joined(separator: "::")
  }

  /// The first of the longest runs; one zero alone is written as it is (RFC 5952 §4.2).
  private static func longestZeros(_ groups: [UInt16]) -> Range<Int>? {
    var longest = 0..<1
    var start = 0
    for (index, group) in groups.enumerated() {
      if group != 0 {
        start = index + 1
      } else if index + 1 - start > longest.count {
        longest = start..<index + 1
      }
    }
    return longest.count > 1 ? longest : nil
  }
}
