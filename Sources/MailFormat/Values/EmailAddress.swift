/// A mailbox of RFC 5322 §3.4: `Alice <alice@example.com>`. Both parts are decoded; neither is checked to be deliverable.
package struct EmailAddress: Hashable, Sendable {
  /// The display name (or, as of old, the comment after the address); `nil` when there is none.
  package var name: String?
  /// As written, without angle brackets; empty when only a name was given.
  package var address: String

  package init(name: String? = nil, address: String) {
    self.name = name
    self.address = address
  }
}
