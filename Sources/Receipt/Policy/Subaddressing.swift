package import MailStore

/// How a recipient is parted into a user and a detail, which is the user's own affair (RFC 5233 §1): mail for
/// `alice+news@example.com` is mail for alice.
package struct Subaddressing: Sendable, Equatable {
  /// Of ASCII; each of them may stand between the two.
  private let separators: Set<UInt8>

  /// The detail follows a `+`.
  package static let plus = Subaddressing(separators: [UInt8(ascii: "+")])

  private init(separators: Set<UInt8>) { self.separators = separators }

  /// - Parameter separators: empty for an address that is always taken whole.
  /// - Returns: nil for what is no sign that stands in a local part without quotes (RFC 5322 §3.2.3): letters, digits, the
  ///   dot and all others.
  package init?(_ separators: String) {
    let bytes = Set(separators.utf8)
    guard bytes.isSubset(of: Self.signs) else { return nil }
    self.separators = bytes
  }

  private static let signs = Set("!#$%&'*+-/=?^_`{|}~".utf8)

  /// What `find` finds first for the addresses of which this one may be a subaddress, the longest first: of
  /// `john-smith+news` with `+` and `-` that is john-smith, then john. A detail may be empty (`alice+`), a user may not.
  /// - Complexity: O(*n*) calls, *n* being what the local part of an account may have in bytes.
  package func first<Found>(of address: AccountAddress, _ find: (AccountAddress) -> Found?) -> Found? {
    if separators.isEmpty { return nil }
    let local = Array(address.localPart.utf8)
    let isQuoted = local.first == UInt8(ascii: "\"")
    var end = min(local.count - 1, AccountAddress.maxLocalByteCount)
    while end > (isQuoted ? 1 : 0) {
      if separators.contains(local[end]) {
        let user = String(decoding: local[..<end], as: UTF8.self) + (isQuoted ? "\"" : "")
        if let found = AccountAddress("\(user)@\(address.domain)").flatMap(find) { return found }
      }
      end -= 1
    }
    return nil
  }
}
