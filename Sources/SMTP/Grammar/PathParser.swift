/// Reverse and forward paths, in exactly RFC 5321 §4.1.2's grammar with RFC 6531 §3.3's characters.
///
/// Source routes are read and ignored (RFC 5321 appendix C). Lenient in one thing: `_` may stand in a domain, because
/// names with it are in use.
enum PathParser {
  /// With its angle brackets (RFC 5321 §4.5.3.1.3).
  static let maxPathByteCount = 256
  /// RFC 5321 §4.5.3.1.2.
  static let maxDomainByteCount = 255

  /// `.some(nil)` is the null reverse path `<>`.
  static func reversePath(_ cursor: inout ByteCursor) -> EnvelopeAddress?? {
    var ahead = cursor
    if ahead.skip("<"), ahead.skip(">") {
      cursor = ahead
      return .some(nil)
    }
    return path(&cursor, domainIsOptionalForPostmaster: false).map { .some($0) }
  }

  /// An address, or the bare `<postmaster>` in any case (RFC 5321 §4.5.1).
  static func forwardPath(_ cursor: inout ByteCursor) -> EnvelopeAddress? {
    path(&cursor, domainIsOptionalForPostmaster: true)
  }

  private static func path(_ cursor: inout ByteCursor, domainIsOptionalForPostmaster: Bool) -> EnvelopeAddress? {
    let start = cursor.position
    guard cursor.skip("<"), skipSourceRoute(&cursor), let local = localPart(&cursor) else { return nil }
    var domainBytes: ArraySlice<UInt8>?
    if cursor.skip("@") {
      guard let found = domainOrLiteral(&cursor) else { return nil }
      domainBytes = found
    } else {
      guard domainIsOptionalForPostmaster, local.map(\.asciiUppercased) == Array("POSTMASTER".utf8) else { return nil }
    }
    guard cursor.skip(">"), cursor.position - start <= maxPathByteCount else { return nil }
    guard let localPart = String(validating: local, as: UTF8.self) else { return nil }
    guard let domainBytes else { return EnvelopeAddress(localPart: localPart, domain: nil) }
    guard let domain = String(validating: domainBytes, as: UTF8.self) else { return nil }
    return EnvelopeAddress(localPart: localPart, domain: domain)
  }

  /// `@a.example,@b.example:` before the address.
  private static func skipSourceRoute(_ cursor: inout ByteCursor) -> Bool {
    guard cursor.next == UInt8(ascii: "@") else { return true }
    repeat {
      guard cursor.skip("@"), domain(&cursor) != nil else { return false }
    } while cursor.skip(",")
    return cursor.skip(":")
  }

  private static func localPart(_ cursor: inout ByteCursor) -> [UInt8]? {
    if cursor.next == UInt8(ascii: "\"") { return quotedString(&cursor) }
    var local: [UInt8] = []
    while true {
      let atom = cursor.take(while: \.isAtomText)
      if atom.isEmpty { return nil }
      local += atom
      guard cursor.skip(".") else { return local }
      local.append(UInt8(ascii: "."))
    }
  }

  /// Gives the content, with `\` taken away.
  private static func quotedString(_ cursor: inout ByteCursor) -> [UInt8]? {
    guard cursor.skip("\"") else { return nil }
    var content: [UInt8] = []
    while var byte = cursor.next {
      cursor.advance()
      if byte == UInt8(ascii: "\"") { return content }
      if byte == UInt8(ascii: "\\") {
        guard let escaped = cursor.next, (32...126).contains(escaped) else { return nil }
        cursor.advance()
        byte = escaped
      } else if byte < 32 || byte == 127 {
        return nil
      }
      content.append(byte)
    }
    return nil
  }

  static func domainOrLiteral(_ cursor: inout ByteCursor) -> ArraySlice<UInt8>? {
    cursor.next == UInt8(ascii: "[") ? AddressLiteral.parse(&cursor) : domain(&cursor)
  }

  /// `sub-domain *("." sub-domain)`, where a hyphen stands neither first nor last.
  private static func domain(_ cursor: inout ByteCursor) -> ArraySlice<UInt8>? {
    let start = cursor
    var byteCount = 0
    repeat {
      let label = cursor.take {
        $0.isLetterOrDigit || $0 == UInt8(ascii: "-") || $0 == UInt8(ascii: "_") || $0 >= 0x80
      }
      guard let first = label.first, let last = label.last else { return nil }
      if first == UInt8(ascii: "-") || last == UInt8(ascii: "-") { return nil }
      byteCount += label.count + 1
    } while cursor.skip(".")
    byteCount -= 1
    return byteCount <= maxDomainByteCount ? start.rest.prefix(byteCount) : nil
  }
}
