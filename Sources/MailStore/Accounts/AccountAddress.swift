import Foundation

/// A mail address in the form in which accounts are compared.
///
/// The domain is lower case, without the root's final dot (an internationalised one is left in the form it came in).
/// RFC 5321 §2.4 leaves the case of the local part to the receiving host: here `Alice` and `alice` are one. Needless
/// quotes go (`"alice"@example.com`), and Unicode is composed (NFC), since senders type either form (RFC 6532 §3.1).
struct AccountAddress: Hashable, Sendable {
  let localPart: String
  /// Empty for `postmaster` alone, which RFC 5321 §4.1.1.3 allows without a domain.
  let domain: String

  /// - Returns: nil for text that is no address: no `@`, an empty side, blanks, control characters, or longer than
  ///   RFC 5321 §4.5.3.1 allows.
  init?(_ text: some StringProtocol) {
    guard text.utf8.count <= Self.maxByteCount else { return nil }
    // ASCII is composed already, and asking takes as long as all the rest.
    let isASCII = text.utf8.allSatisfy { $0 < 0x80 }
    let composed = isASCII ? String(text) : String(text).precomposedStringWithCanonicalMapping
    guard let at = composed.lastIndex(of: "@") else {
      guard composed.lowercased() == Self.postmaster else { return nil }
      localPart = Self.postmaster
      domain = ""
      return
    }
    var domain = composed[composed.index(after: at)...]
    if domain.hasSuffix(".") { domain.removeLast() }
    let localPart = Self.unquoted(composed[..<at])
    guard Self.isUsable(localPart, quotesAllowed: true), Self.isUsable(domain, quotesAllowed: false) else { return nil }
    guard localPart.utf8.count <= Self.maxLocalByteCount, !domain.contains("@") else { return nil }
    self.localPart = localPart.lowercased()
    self.domain = domain.lowercased()
  }

  /// `local@domain`: what the unique column of the table holds.
  var text: String { domain.isEmpty ? localPart : localPart + "@" + domain }

  var isPostmaster: Bool { localPart == Self.postmaster }

  static let postmaster = "postmaster"
  private static let maxByteCount = 320
  private static let maxLocalByteCount = 64

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
