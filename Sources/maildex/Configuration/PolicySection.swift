import MailStore
import Receipt
import SMTP

/// The section `policy` of the configuration file, read into the one value that the listener works by. What its keys mean is in
/// docs/policy.md.
struct PolicySection {
  let policy: ReceiptPolicy

  init(_ node: ConfigurationNode) throws {
    let keys = try node.section([
      "recipients", "senders", "networks", "limits", "quota", "greylisting", "dnsbl", "dnsbl_timeout",
      "dnsbl_threshold", "helo",
    ])
    let limits: Limits = try keys["limits"].map(Self.limits) ?? (LimitPolicy(), [:])
    policy = ReceiptPolicy(
      recipients: try Self.recipients(keys["recipients"], sizeLimits: limits.sizes),
      senders: try keys["senders"].map(Self.senders) ?? SenderPolicy(),
      networks: try keys["networks"].map(Self.networks) ?? NetworkPolicy(),
      limits: limits.policy, quota: try keys["quota"].map(Self.quota) ?? QuotaPolicy(),
      greylisting: try keys["greylisting"].map(Self.greylisting) ?? GreylistPolicy(),
      blocklists: try Self.blocklists(keys),
      hello: try keys["helo"].map(Self.hello) ?? .anything)
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

  // MARK: - Quota

  private static func quota(_ node: ConfigurationNode) throws -> QuotaPolicy {
    let keys = try node.section(["default", "users"])
    var ofAccounts: [AccountAddress: QuotaPolicy.Limit] = [:]
    for (name, entry) in try keys["users"]?.entries(atMost: maxAliases) ?? [] {
      guard let account = AccountAddress(name) else { throw entry.error("'\(name)' is no address") }
      guard ofAccounts.updateValue(try quotaLimit(entry), forKey: account) == nil else {
        throw entry.error("\(account) stands there twice")
      }
    }
    let usual = try keys["default"].map { $0.isEmpty ? .none : try quotaLimit($0) }
    return QuotaPolicy(usual: usual ?? .none, ofAccounts: ofAccounts)
  }

  private static let maxQuota = 1 << 50

  private static func quotaLimit(_ node: ConfigurationNode) throws -> QuotaPolicy.Limit {
    try node.value("a number of bytes from 1024 to \(maxQuota), or none") { text in
      if text == "none" { return QuotaPolicy.Limit.none }
      return Int(text).flatMap { (1_024...maxQuota).contains($0) ? .bytes(UInt64($0)) : nil }
    }
  }

  // MARK: - Greylisting

  private static func greylisting(_ node: ConfigurationNode) throws -> GreylistPolicy {
    let keys = try node.section([
      "enabled", "delay", "retry_window", "remember", "known_after", "ipv4_prefix", "ipv6_prefix",
    ])
    var policy = GreylistPolicy()
    func read(_ key: String, _ range: ClosedRange<Int>, _ take: (Int) -> Void) throws {
      guard let node = keys[key], !node.isEmpty else { return }
      take(try node.number(range, "a whole number from \(range.lowerBound) to \(range.upperBound)"))
    }
    policy.isEnabled = try isTrue(keys["enabled"])
    try read("delay", 1...86_400) { policy.delay = .seconds($0) }
    try read("retry_window", 60...2_592_000) { policy.retryWindow = .seconds($0) }
    try read("remember", 86_400...31_536_000) { policy.memory = .seconds($0) }
    try read("known_after", 0...1_000_000) { policy.passesUntilKnown = $0 == 0 ? nil : $0 }
    try read("ipv4_prefix", 8...32) { policy.ipv4PrefixLength = $0 }
    try read("ipv6_prefix", 16...128) { policy.ipv6PrefixLength = $0 }
    guard policy.delay < policy.retryWindow else {
      throw node.error("retry_window must be longer than delay, or nobody could come back in time")
    }
    return policy
  }

  // MARK: - Lists in DNS

  /// Each is asked about each connection.
  private static let maxLists = 20

  private static func blocklists(_ keys: [String: ConfigurationNode]) throws -> BlocklistPolicy {
    var policy = BlocklistPolicy()
    policy.lists = try keys["dnsbl"]?.list(atMost: maxLists).map(blocklist) ?? []
    if let node = keys["dnsbl_timeout"], !node.isEmpty {
      policy.timeout = .seconds(try node.number(1...60, "a whole number from 1 to 60"))
    }
    if let node = keys["dnsbl_threshold"], !node.isEmpty {
      policy.threshold = try node.number(1...1_000, "a whole number from 1 to 1000")
    }
    return policy
  }

  private static func blocklist(_ node: ConfigurationNode) throws -> BlocklistPolicy.List {
    let keys = try node.section(["zone", "action", "codes", "weight"])
    guard let zone = keys["zone"] else { throw node.error("a list needs its zone, as in { zone: zen.example }") }
    var list = BlocklistPolicy.List(
      zone: try zone.value("a domain of 180 letters at most such as zen.example") {
        AccountAddress.domain($0).flatMap { $0.utf8.count <= 180 && $0.utf8.allSatisfy { $0 < 0x80 } ? $0 : nil }
      })
    if let node = keys["action"], !node.isEmpty {
      list.action = try node.value("reject, defer or score") { BlocklistPolicy.Action(rawValue: $0) }
    }
    list.codes =
      try keys["codes"]?.list(atMost: 100).map {
        try $0.value("an answer such as 127.0.0.2 or 127.0.0.2-11") { BlocklistPolicy.Codes($0) }
      } ?? []
    if let node = keys["weight"], !node.isEmpty {
      list.weight = try node.number(-100...100, "a whole number from -100 to 100")
    }
    return list
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
