package import MailStore

/// How much mail an account may have, in bytes. Nothing is thrown away for it: over it no more is taken from outside.
package struct QuotaPolicy: Equatable, Sendable {
  package enum Limit: Hashable, Sendable {
    case none
    case bytes(UInt64)
  }

  private let usual: Limit
  private let ofAccounts: [AccountAddress: Limit]

  /// - Parameters:
  ///   - usual: of accounts that have none of their own.
  ///   - ofAccounts: by the account's own address.
  package init(usual: Limit = .none, ofAccounts: [AccountAddress: Limit] = [:]) {
    self.usual = usual
    self.ofAccounts = ofAccounts
  }

  /// Whether anybody has a limit.
  var isThere: Bool { usual != .none || !ofAccounts.isEmpty }

  package func limit(of account: AccountAddress) -> Limit { ofAccounts[account] ?? usual }

  /// Whether a mail may come.
  /// - Parameter declaredByteCount: how long it is, if that is known; else it may come to whoever is below the limit yet.
  func allows(_ holding: AccountHolding, declaredByteCount: UInt64?) -> Bool {
    guard case .bytes(let limit) = limit(of: holding.account) else { return true }
    guard holding.byteCount < limit else { return false }
    return declaredByteCount ?? 0 <= limit - holding.byteCount
  }
}

/// What an account has of mail: in its mailbox, and accepted for it and on the way there.
package struct AccountHolding: Sendable {
  package let account: AccountAddress
  package let byteCount: UInt64

  package init(_ account: AccountAddress, byteCount: UInt64) {
    self.account = account
    self.byteCount = byteCount
  }
}
