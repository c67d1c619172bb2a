import Bytes
import MailStore
import Receipt

/// Anyone at example.com but `nobody…` has the account number 7.
struct AnyoneAtExample: RecipientDirectory {
  var postmasterID: UserID? { UserID(rawValue: 7) }
  var domains: Set<String> { ["example.com"] }

  func userID(at address: AccountAddress) -> UserID? {
    hasUsers(in: address.domain) && !address.localPart.hasPrefix("nobody") ? UserID(rawValue: 7) : nil
  }

  func hasUsers(in domain: String) -> Bool { domain == "example.com" }
}

/// Accounts of these addresses, with the numbers from 1 on; the first is postmaster.
struct TestAccounts: RecipientDirectory, ExpressibleByArrayLiteral {
  private let addresses: [AccountAddress]

  init(arrayLiteral addresses: String...) { self.addresses = addresses.compactMap { AccountAddress($0) } }

  var postmasterID: UserID? { addresses.isEmpty ? nil : UserID(rawValue: 1) }
  var domains: Set<String> { Set(addresses.map(\.domain)) }

  func userID(at address: AccountAddress) -> UserID? {
    addresses.firstIndex(of: address).map { UserID(rawValue: UInt32($0 + 1)) }
  }

  func hasUsers(in domain: String) -> Bool { domains.contains(domain) }

  /// The address of each of these users.
  func names(_ users: [UserID]) -> [String] { users.map { addresses[Int($0.rawValue) - 1].text } }
}
