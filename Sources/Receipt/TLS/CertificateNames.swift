import NIOSSL

/// The names that a certificate is for: DNS names of its subjectAltName, which is all that clients look at (RFC 9525 §6.3).
struct CertificateNames: Equatable, Sendable {
  private let exact: Set<String>
  /// What follows `*` in names such as `*.example.com`.
  private let wildcardSuffixes: Set<String>

  init(_ names: some Sequence<String>) {
    let lowercased = names.map { $0.lowercased() }
    exact = Set(lowercased.filter { !$0.hasPrefix("*") })
    wildcardSuffixes = Set(lowercased.filter { $0.hasPrefix("*.") }.map { String($0.dropFirst()) })
  }

  init(of certificate: NIOSSLCertificate) {
    self.init(
      certificate._subjectAlternativeNames().filter { $0.nameType == .dnsName }
        .map { String(decoding: $0.contents, as: UTF8.self) })
  }

  /// How well the names fit one that a client asks for.
  enum Fit: Comparable {
    case none, wildcard, exact
  }

  /// A wildcard stands for one whole label (RFC 9525 §6.3).
  func fit(_ serverName: String) -> Fit {
    var name = serverName.lowercased()
    if name.hasSuffix(".") { name.removeLast() }
    if exact.contains(name) { return .exact }
    guard let dot = name.firstIndex(of: "."), dot > name.startIndex else { return .none }
    return wildcardSuffixes.contains(String(name[dot...])) ? .wildcard : .none
  }
}
