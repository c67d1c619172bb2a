/// Which senders a line of a list of senders means: an operator's (`policy.senders`) or a user's own.
package enum SenderPattern: Hashable, Sendable, CustomStringConvertible {
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

  package var description: String {
    switch self {
    case .address(let address): address.text
    case .domain(let domain): "@" + domain
    case .subdomains(let domain): "." + domain
    }
  }
}

extension Set<SenderPattern> {
  /// - Parameter reversePath: as the client wrote it; the empty one, and what is no address, match nothing.
  package func matches(_ reversePath: String) -> Bool {
    guard !isEmpty, !reversePath.isEmpty,
      let sender = AccountAddress(reversePath, maxLocalByteCount: Self.maxLocalByteCount)
    else { return false }
    if contains(.address(sender)) || contains(.domain(sender.domain)) { return true }
    var parent = sender.domain[...]
    while let dot = parent.firstIndex(of: ".") {
      parent = parent[parent.index(after: dot)...]
      if contains(.subdomains(String(parent))) { return true }
    }
    return false
  }

  /// What a path may have (RFC 5321 §4.5.3.1.3): senders are not ours.
  private static var maxLocalByteCount: Int { 256 }
}
