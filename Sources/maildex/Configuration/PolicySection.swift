import MailStore
import Receipt
import SMTP

/// The section `policy` of the configuration file, read into the one value that the listener works by. What its keys mean is in
/// docs/policy.md.
struct PolicySection {
  let policy: ReceiptPolicy

  init(_ node: ConfigurationNode) throws {
    let keys = try node.section(["recipients", "senders", "networks", "limits", "helo"])
    let limits: Limits = try keys["limits"].map(Self.limits) ?? (LimitPolicy(), [:])
    policy = ReceiptPolicy(
      recipients: try Self.recipients(keys["recipients"], sizeLimits: limits.sizes),
      senders: try keys["senders"].map(Self.senders) ?? SenderPolicy(),
      networks: try keys["networks"].map(Self.networks) ?? NetworkPolicy(),
      limits: limits.policy, hello: try keys["helo"].map(Self.hello) ?? .anything)
  }

  // MARK: - Recipients

  private static func recipients(
    _ node: ConfigurationNode?, sizeLimits: [String: Int]
  ) throws -> RecipientPolicy {
    let keys = try node?.section(["subaddressing", "domains", "aliases", "catch_all"]) ?? [:]
    let aliases = try keys["aliases"].map(Self.aliases) ?? [:]
    let catchAll = try keys["catch_all"].map(Self.catchAll) ?? [:]
    do {
      return try RecipientPolicy(
        subaddressing: try keys["subaddressing"].map(subaddressing) ?? .plus,
        domains: Set(try keys["domains"].map(domains) ?? []), aliases: aliases.mapValues { $0.targets },
        catchAll: catchAll.mapValues { $0.target }, sizeLimits: sizeLimits)
    } catch let error as PolicyError {
      let place =
        switch error.entry {
        case .alias(let alias): aliases[alias]?.node
        case .catchAll(let domain): catchAll[domain]?.node
        }
      throw place?.error(error.description) ?? ConfigurationError(error.description)
    }
  }

  private static func subaddressing(_ node: ConfigurationNode) throws -> Subaddressing {
    if node.isEmpty { return .plus }
    return try node.value("signs such as + and -, or \"\" for none") { Subaddressing($0) }
  }

  private static func domains(_ node: ConfigurationNode) throws -> [String] {
    try node.list(atMost: maxDomains).map(domain)
  }

  private static let maxDomains = 100_000

  private static func domain(_ node: ConfigurationNode) throws -> String {
    try node.value("a domain such as example.com") { AccountAddress.domain($0) }
  }

  private static func address(_ node: ConfigurationNode) throws -> AccountAddress {
    try node.value("an address such as alice@example.com") { AccountAddress($0) }
  }

  private typealias Alias = (targets: [AccountAddress], node: ConfigurationNode)

  private static let maxAliases = 100_000

  private static func aliases(_ node: ConfigurationNode) throws -> [AccountAddress: Alias] {
    var aliases: [AccountAddress: Alias] = [:]
    for (name, entry) in try node.entries(atMost: maxAliases) {
      guard let alias = AccountAddress(name) else { throw entry.error("'\(name)' is no address") }
      let targets = try entry.list(atMost: AliasTable.maxTargets).map(address)
      guard !targets.isEmpty else { throw entry.error("an alias leads to one address at least") }
      guard aliases.updateValue((targets, entry), forKey: alias) == nil else {
        throw entry.error("the alias \(alias) stands there twice")
      }
    }
    return aliases
  }

  private static func catchAll(
    _ node: ConfigurationNode
  ) throws -> [String: (target: AccountAddress, node: ConfigurationNode)] {
    var catchAll: [String: (target: AccountAddress, node: ConfigurationNode)] = [:]
    for (name, entry) in try node.entries(atMost: maxDomains) {
      guard let domain = AccountAddress.domain(name) else { throw entry.error("'\(name)' is no domain") }
      guard catchAll.updateValue((try address(entry), entry), forKey: domain) == nil else {
        throw entry.error("the domain \(domain) stands there twice")
      }
    }
    return catchAll
  }

  // MARK: - Senders and networks

  private static let maxPatterns = 100_000

  private static func senders(_ node: ConfigurationNode) throws -> SenderPolicy {
    let keys = try node.section(["allow", "block"])
    func patterns(_ node: ConfigurationNode) throws -> Set<SenderPattern> {
      let list = try node.list(atMost: maxPatterns).map {
        try $0.value("eve@example.net, @example.net or .example.net") { SenderPattern($0) }
      }
      return Set(list)
    }
    return SenderPolicy(allowed: try keys["allow"].map(patterns) ?? [], blocked: try keys["block"].map(patterns) ?? [])
  }

  /// Each connection is held against all of them.
  private static let maxNetworks = 10_000

  private static func networks(_ node: ConfigurationNode) throws -> NetworkPolicy {
    let keys = try node.section(["allow", "block"])
    func networks(_ node: ConfigurationNode) throws -> [Network] {
      try node.list(atMost: maxNetworks).map {
        try $0.value("a network such as 192.0.2.0/24 or 2001:db8::/32, with no bits behind its prefix") {
          try? Network($0)
        }
      }
    }
    let allowed = try keys["allow"].flatMap { try $0.isEmpty ? nil : networks($0) }
    return NetworkPolicy(
      allowed: allowed ?? NetworkPolicy.loopback, blocked: try keys["block"].map(networks) ?? [])
  }

  // MARK: - Limits

  private typealias Limits = (policy: LimitPolicy, sizes: [String: Int])

  private static func limits(_ node: ConfigurationNode) throws -> Limits {
    let keys = try node.section([
      "mails_per_minute", "recipients_per_minute", "unknown_recipients", "size_by_domain",
      "failed_logins", "failed_logins_of_account",
    ])
    let policy = LimitPolicy(
      mailsPerMinute: try limit(keys["mails_per_minute"]),
      recipientsPerMinute: try limit(keys["recipients_per_minute"]),
      maxUnknownRecipients: try limit(keys["unknown_recipients"]),
      failedLogins: try limit(keys["failed_logins"], unsaid: LimitPolicy.defaultFailedLogins),
      failedLoginsOfAccount: try limit(
        keys["failed_logins_of_account"], unsaid: LimitPolicy.defaultFailedLoginsOfAccount))
    return (policy, try keys["size_by_domain"].map(sizes) ?? [:])
  }

  private static func sizes(_ node: ConfigurationNode) throws -> [String: Int] {
    var sizes: [String: Int] = [:]
    for (name, entry) in try node.entries(atMost: maxDomains) {
      guard let domain = AccountAddress.domain(name) else { throw entry.error("'\(name)' is no domain") }
      let size = try entry.number(1_024...(1 << 30), "a number of bytes from 1024 to 1073741824")
      guard sizes.updateValue(size, forKey: domain) == nil else {
        throw entry.error("the domain \(domain) stands there twice")
      }
    }
    return sizes
  }

  private static let maxLimit = 1_000_000

  /// - Returns: nil for 0.
  private static func limit(_ node: ConfigurationNode?, unsaid: Int? = nil) throws -> Int? {
    guard let node, !node.isEmpty else { return unsaid }
    let limit = try node.number(0...maxLimit, "a whole number to \(maxLimit), or 0 for no limit")
    return limit == 0 ? nil : limit
  }

  // MARK: - HELO

  /// The stricter of the two says what must be: a name with its domain is well-formed too.
  private static func hello(_ node: ConfigurationNode) throws -> ClientRules.HelloRule {
    let keys = try node.section(["require_valid", "require_fqdn"])
    let (mustBeValid, mustBeQualified) = (try isTrue(keys["require_valid"]), try isTrue(keys["require_fqdn"]))
    return mustBeQualified ? .fullyQualified : mustBeValid ? .wellFormed : .anything
  }

  private static func isTrue(_ node: ConfigurationNode?) throws -> Bool {
    guard let node, !node.isEmpty else { return false }
    return try node.value("true or false") { ["true": true, "false": false][$0] }
  }
}
