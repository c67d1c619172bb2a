package import Bytes
package import MailStore

/// The accounts, as far as a policy asks for them. Answers from memory, on any thread.
package protocol RecipientDirectory: Sendable {
  /// The account of exactly this address.
  func userID(at address: AccountAddress) -> UserID?
  /// Who gets mail for postmaster where nobody has that address; nil without accounts.
  var postmasterID: UserID? { get }
  /// Whether an account has an address in the domain, which is in the form of `AccountAddress`.
  func hasUsers(in domain: String) -> Bool
  /// Those in which accounts have addresses.
  var domains: Set<String> { get }
}

extension AccountStore: RecipientDirectory {
  package func userID(at address: AccountAddress) -> UserID? { user(at: address)?.id }
  package var postmasterID: UserID? { postmasterUser?.id }
}
