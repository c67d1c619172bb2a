package import MailStore

/// From which senders mail is taken. What is allowed is so wherever it is blocked. The null reverse path is nobody's and is
/// always taken (RFC 5321 §4.5.5). What a sender says of itself is no proof: this keeps out those who do not hide.
package struct SenderPolicy: Sendable {
  private let allowed: Set<SenderPattern>
  private let blocked: Set<SenderPattern>

  package init(allowed: Set<SenderPattern> = [], blocked: Set<SenderPattern> = []) {
    self.allowed = allowed
    self.blocked = blocked
  }

  /// - Parameter reversePath: as the client wrote it; empty for the null one.
  package func blocks(_ reversePath: String) -> Bool { blocked.matches(reversePath) && !allowed.matches(reversePath) }
}
