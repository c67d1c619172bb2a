package import MailStore

/// From which senders mail is taken. What is allowed is so wherever it is blocked. The null reverse path is nobody's and is
/// always taken (RFC 5321 §4.5.5). What a sender says of itself is no proof: this keeps out those who do not hide.
package struct SenderPolicy: Sendable {
  /// What a line of either list means.
  package enum Pattern: Hashable, Sendable {
    /// `eve@example.net`
    case address(AccountAddress)
    /// `@example.net`
    case domain(String)
    /// `.example.net`: all below it, and not itself.
    case subdomains(String)

    /// - Returns: nil for text that is none of these.
    package init?(_ text: String) {
      let rest = String(text.dropFirst())
      if text.hasPrefix("@"), let domain = AccountAddress.domain(rest) {
        self = .domain(domain)
      } else if text.hasPrefix("."), !text.contains("@"), let domain = AccountAddress.domain(rest) {
        self = .subdomains(domain)
      } else if let address = AccountAddress(text), !address.domain.isEmpty, !text.hasPrefix("@") {
        self = .address(address)
      } else {
        return nil
      }
    }
  }

  private let allowed: Set<Pattern>
  private let blocked: Set<Pattern>

  package init(allowed: Set<Pattern> = [], blocked: Set<Pattern> = []) {
    self.allowed = allowed
    self.blocked = blocked
  }

  /// - Parameter reversePath: as the client wrote it; empty for the null one.
  package func blocks(_ reversePath: String) -> Bool {
    guard !blocked.isEmpty, !reversePath.isEmpty,
      let sender = AccountAddress(reversePath, maxLocalByteCount: Self.maxLocalByteCount)
    else { return false }
    return Self.matches(sender, blocked) && !Self.matches(sender, allowed)
  }

  /// What a path may have (RFC 5321 §4.5.3.1.3): senders are not ours.
  private static let maxLocalByteCount = 256

  private static func matches(_ sender: AccountAddress, _ patterns: Set<Pattern>) -> Bool {
    if patterns.contains(.address(sender)) || patterns.contains(.domain(sender.domain)) { return true }
    var parent = sender.domain[...]
    while let dot = parent.firstIndex(of: ".") {
      parent = parent[parent.index(after: dot)...]
      if patterns.contains(.subdomains(String(parent))) { return true }
    }
    return false
  }
}
