/// Tells names and addresses of this machine's loopback from all others.
package enum LoopbackHost {
  /// - Parameter host: without a port, brackets around IPv6 optional.
  package static func isLoopback(_ host: some StringProtocol) -> Bool {
    let host = host.lowercased()
    let bare = host.hasPrefix("[") && host.hasSuffix("]") ? String(host.dropFirst().dropLast()) : host
    if ["localhost", "localhost.", "::1", "0:0:0:0:0:0:0:1"].contains(bare) { return true }
    let parts = bare.split(separator: ".", omittingEmptySubsequences: false)
    return parts.count == 4 && parts[0] == "127" && parts.allSatisfy { UInt8($0) != nil }
  }

  /// - Parameter authority: a `Host` header's value, with or without a port.
  package static func isLoopback(authority: String) -> Bool {
    if authority.hasPrefix("[") {
      guard let end = authority.firstIndex(of: "]") else { return false }
      return isPortOrNothing(authority[authority.index(after: end)...]) && isLoopback(authority[...end])
    }
    let host = authority.prefix { $0 != ":" }
    return isPortOrNothing(authority[host.endIndex...]) && isLoopback(host)
  }

  private static func isPortOrNothing(_ text: Substring) -> Bool {
    text.isEmpty || (text.hasPrefix(":") && text.dropFirst().allSatisfy { ("0"..."9").contains($0) })
  }
}
