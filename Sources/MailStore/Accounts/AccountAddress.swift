import Foundation

/// A mail address in the form in which accounts are compared.
///
/// The domain is lower case, without the root's final dot (an internationalised one is left in the form it came in).
/// RFC 5321 §2.4 leaves the case of the local part to the receiving host: here `Alice` and `alice` are one. Needless
/// quotes go (`"alice"@example.com`), and Unicode is composed (NFC), since senders type either form (RFC 6532 §3.1).
package struct AccountAddress: Hashable, Sendable, CustomStringConvertible {
  /// In quotes where it needs them.
  package let localPart: String
  /// Empty for `postmaster` alone, which RFC 5321 §4.1.1.3 allows without a domain.
  package let domain: String

  /// - Parameter maxLocalByteCount: RFC 5321 §4.5.3.1.1's 64, which no account is longer than; recipients with tags are.
  /// - Returns: nil for text that is no address: no `@`, an empty side, blanks, control characters, or longer than
  ///   RFC 5321 §4.5.3.1 allows.
  package init?(_ text: String, maxLocalByteCount: Int = Self.maxLocalByteCount) {
    guard text.utf8.count <= Self.maxByteCount else { return nil }
    let composed = Self.composed(text)
    guard let at = composed.lastIndex(of: "@") else {
      guard composed.lowercased() == Self.postmaster else { return nil }
      localPart = Self.postmaster
      domain = ""
      return
    }
    let localPart = Self.unquoted(composed[..<at])
    guard Self.isUsable(localPart, quotesAllowed: true), localPart.utf8.count <= maxLocalByteCount,
      let domain = Self.usableDomain(composed[composed.index(after: at)...])
    else { return nil }
    self.localPart = localPart.lowercased()
    self.domain = domain
  }

  /// A domain in the form of `domain`.
  /// - Returns: nil for text that is none.
  package static func domain(_ text: String) -> String? {
    guard text.utf8.count <= maxByteCount else { return nil }
    return usableDomain(composed(text)[...])
  }

  /// `local@domain`: what the unique column of the table holds.
  package var text: String { domain.isEmpty ? localPart : localPart + "@" + domain }

  package var description: String { text }

  package var isPostmaster: Bool { localPart == Self.postmaster }

  static let postmaster = "postmaster"
  private static let maxByteCount = 320
  package static let maxLocalByteCount = 64

  /// ASCII is composed already, and asking takes as long as all the rest.
  private static func composed(_ text: String) -> String {
    text.utf8.allSatisfy { $0 < 0x80 } ? text : text.precomposedStringWithCanonicalMapping
  }

  private static func usableDomain(_ text: Substring) -> String? {
    var domain = text
    if domain.hasSuffix(".") { domain.removeLast() }
    guard isUsable(domain, quotesAllowed: false), !domain.contains("@") else { return nil }
    return domain.lowercased()
  }

  /// The content of a quoted local part that would mean the same without its quotes, else the text as it is.
  private static func unquoted(_ localPart: Substring) -> String {
    guard localPart.utf8.count > 2, localPart.hasPrefix("\""), localPart.hasSuffix("\"") else {
      return String(localPart)
    }
    let content = localPart.dropFirst().dropLast()
    let needsQuotes = content.unicodeScalars.contains { "\"\\@<>()[],;: ".unicodeScalars.contains($0) }
    return needsQuotes || content.hasPrefix(".") || content.hasSuffix(".") || content.contains("..")
      ? String(localPart) : String(content)
  }

  private static func isUsable(_ part: some StringProtocol, quotesAllowed: Bool) -> Bool {
    let isQuoted = quotesAllowed && part.hasPrefix("\"")
    return !part.isEmpty
      && part.unicodeScalars.allSatisfy { scalar in
        if scalar.value < 0x20 || scalar.value == 0x7F { return false }
        return isQuoted || !" <>,;\"".unicodeScalars.contains(scalar)
      }
  }
}
