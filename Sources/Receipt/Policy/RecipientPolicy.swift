package import Bytes
package import MailStore
package import SMTP

/// Who receives what: makes accounts of the addresses that clients name.
///
///     let policy = try RecipientPolicy(aliases: [team: [alice, bob]], catchAll: ["example.com": alice])
///     policy.resolve("team+news@example.com", among: accounts)      // alice and bob
///
/// An address is, in this order: an alias; an account; postmaster, who is always somebody (RFC 5321 §4.5.1); the same without
/// its tag; whoever catches all mail of the domain. An alias that leads to no account there is yet counts as none. A value, to
/// be used from any thread.
package struct RecipientPolicy: Sendable {
  private let subaddressing: Subaddressing
  private let aliases: AliasTable
  /// By domain.
  private let catchAll: [String: [AccountAddress]]
  /// Of which mail is taken; empty for those of accounts, aliases and catch-alls.
  private let domains: Set<String>
  private let ownDomains: Set<String>
  /// Bytes of a mail, by domain of the recipient as the client named it.
  private let sizeLimits: [String: Int]

  /// Mail for accounts, with or without a tag.
  package init() {
    subaddressing = .plus
    aliases = AliasTable()
    catchAll = [:]
    domains = []
    ownDomains = []
    sizeLimits = [:]
  }

  /// Domains are in the form of `AccountAddress`.
  /// - Parameters:
  ///   - domains: the only ones that mail is taken for; if there are none, those of accounts, aliases and catch-alls.
  ///   - catchAll: an account or alias for each domain of which it gets the mail that is nobody else's.
  ///   - sizeLimits: bytes that a mail for a recipient of the domain may have, where they are less than for others.
  /// - Throws: `PolicyError` for aliases that go in a circle or too far, and what lies outside `domains`.
  package init(
    subaddressing: Subaddressing = .plus, domains: Set<String> = [],
    aliases: [AccountAddress: [AccountAddress]] = [:], catchAll: [String: AccountAddress] = [:],
    sizeLimits: [String: Int] = [:]
  ) throws(PolicyError) {
    self.sizeLimits = sizeLimits
    self.subaddressing = subaddressing
    self.domains = domains
    self.aliases = try AliasTable(aliases, subaddressing)
    ownDomains = Set(aliases.keys.map(\.domain)).union(catchAll.keys)
    let table = self.aliases
    self.catchAll = catchAll.mapValues { table[$0] ?? [$0] }
    if !domains.isEmpty { try checkDomains(aliases, catchAll) }
  }

  /// Longer than any account's local part: tags are made by programs too.
  private static let maxLocalByteCount = 256

  /// - Parameter recipient: as the client wrote it, quoted where it must be; `postmaster` may be alone.
  package func resolve(_ recipient: String, among accounts: any RecipientDirectory) -> RecipientResolution {
    guard let address = AccountAddress(recipient, maxLocalByteCount: Self.maxLocalByteCount) else { return .unknown }
    if !domains.isEmpty, !takesMail(for: address.domain, accounts) { return .foreign }
    let found =
      users(at: address, accounts)
      ?? subaddressing.first(of: address) { users(at: $0, accounts) }
      ?? catchAll[address.domain].flatMap { users(of: $0, accounts) }
    if let found { return .accepted(found, maxMessageSize: sizeLimits[address.domain]) }
    return takesMail(for: address.domain, accounts) ? .unknown : .foreign
  }

  /// Whether a user has an address of its own, by an alias or with a tag: what `resolve` finds but for catch-alls.
  package func has(_ user: UserID, _ address: String, among accounts: any RecipientDirectory) -> Bool {
    guard let address = AccountAddress(address, maxLocalByteCount: Self.maxLocalByteCount) else { return false }
    let found = users(at: address, accounts) ?? subaddressing.first(of: address) { users(at: $0, accounts) }
    if found?.contains(user) == true { return true }
    // An account's own address is its own also where an alias sends mail for it elsewhere.
    let own = account(at: address, accounts) ?? subaddressing.first(of: address) { account(at: $0, accounts) }
    return own == user
  }

  private func takesMail(for domain: String, _ accounts: any RecipientDirectory) -> Bool {
    if domain.isEmpty { return true }
    return domains.isEmpty ? ownDomains.contains(domain) || accounts.hasUsers(in: domain) : domains.contains(domain)
  }

  /// Whose exactly this address is.
  private func users(at address: AccountAddress, _ accounts: any RecipientDirectory) -> [UserID]? {
    if let users = aliases[address].flatMap({ users(of: $0, accounts) }) { return users }
    return account(at: address, accounts).map { [$0] }
  }

  /// The accounts that there are of an alias' targets; nil for none.
  private func users(of targets: [AccountAddress], _ accounts: any RecipientDirectory) -> [UserID]? {
    var seen: Set<UserID> = []
    let users = targets.compactMap { account(behind: $0, accounts) }.filter { seen.insert($0).inserted }
    return users.isEmpty ? nil : users
  }

  private func account(behind target: AccountAddress, _ accounts: any RecipientDirectory) -> UserID? {
    account(at: target, accounts) ?? subaddressing.first(of: target) { account(at: $0, accounts) }
  }

  private func account(at address: AccountAddress, _ accounts: any RecipientDirectory) -> UserID? {
    if let user = accounts.userID(at: address) { return user }
    return address.isPostmaster && takesMail(for: address.domain, accounts) ? accounts.postmasterID : nil
  }
}

// MARK: - What is wrong or doubtful

extension RecipientPolicy {
  /// What is said for a domain that gets no mail is a mistake, and mail that would have to go to another server goes nowhere.
  private func checkDomains(
    _ aliases: [AccountAddress: [AccountAddress]], _ catchAll: [String: AccountAddress]
  ) throws(PolicyError) {
    for (alias, targets) in aliases.sorted(by: { $0.key.text < $1.key.text }) {
      for address in [alias] + targets where !isListed(address) {
        throw PolicyError(.alias(alias), "\(address) is in none of policy.recipients.domains; mail is not sent on")
      }
    }
    for (domain, target) in catchAll.sorted(by: { $0.key < $1.key }) {
      guard domains.contains(domain), isListed(target) else {
        throw PolicyError(
          .catchAll(domain), "\(domain) and the domain of \(target) must both be in policy.recipients.domains")
      }
    }
  }

  private func isListed(_ address: AccountAddress) -> Bool {
    address.domain.isEmpty || domains.contains(address.domain)
  }

  /// What may well be a mistake, in words for the operator, and cannot be an error: accounts come and go.
  package func doubts(among accounts: any RecipientDirectory) -> [String] {
    var doubts: [String] = []
    for alias in aliases.aliases {
      let targets = aliases[alias] ?? []
      for target in targets where account(behind: target, accounts) == nil {
        doubts.append("alias \(alias): there is no account \(target)")
      }
      if accounts.userID(at: alias) != nil, !targets.contains(alias) {
        doubts.append("alias \(alias): the account of that address gets none of its mail; name it too for a copy")
      }
    }
    for (domain, targets) in catchAll.sorted(by: { $0.key < $1.key }) {
      for target in targets where account(behind: target, accounts) == nil {
        doubts.append("catch_all \(domain): there is no account \(target)")
      }
    }
    for domain in accounts.domains.sorted() where !domains.isEmpty && !domains.contains(domain) {
      doubts.append("domains: there are accounts in \(domain), which gets no mail")
    }
    return doubts
  }
}
