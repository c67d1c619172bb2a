/// What an operator asks of clients beyond the protocol. Other than the session's configuration it may change between two
/// transactions.
package struct ClientRules: Equatable, Sendable {
  /// What EHLO and HELO must say; LHLO may say anything, since who uses it is a server of one's own.
  package enum HelloRule: Sendable {
    /// Anything printable: RFC 5321 §4.1.4 asks not to refuse mail for a name that does not verify.
    case anything
    /// A name in the grammar, or 501.
    case wellFormed
    /// A name with its domain, or an address literal; or 550.
    case fullyQualified
  }

  package var hello: HelloRule
  /// Unknown recipients of a session at which it ends: more than a list goes stale by, an address harvest.
  package var maxUnknownRecipients: Int

  package init(hello: HelloRule = .anything, maxUnknownRecipients: Int = .max) {
    self.hello = hello
    self.maxUnknownRecipients = maxUnknownRecipients
  }

  /// - Throws: the reply that refuses the name.
  func check(helloName: String) throws(SMTPReply) {
    if hello == .anything { return }
    let name = HelloName(helloName)
    guard name.isWellFormed else { throw .badHelloName }
    if hello == .fullyQualified, !name.isFullyQualified { throw .unqualifiedHelloName }
  }
}
