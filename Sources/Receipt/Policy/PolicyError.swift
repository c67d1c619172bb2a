package import MailStore

/// A part of a policy that does not go together with another.
package struct PolicyError: Error, Sendable, Equatable, CustomStringConvertible {
  package enum Entry: Sendable, Equatable {
    case alias(AccountAddress)
    /// Of a domain.
    case catchAll(String)
  }

  /// Where to look.
  package let entry: Entry
  /// What is wrong and what would do.
  package let description: String

  init(_ entry: Entry, _ description: String) {
    self.entry = entry
    self.description = description
  }
}
