import MailStore

/// Addresses that stand for others. What they lead to is worked out once, when the table is made, so that a recipient costs
/// one look-up and no chain of aliases is followed while a client waits.
///
///     staff: [crew, dave]        staff ─▶ bob, carol, dave
///     crew: [bob, carol]         crew  ─▶ bob, carol
///     alice: [alice, carol]      alice ─▶ the account alice, carol
///
/// An alias that names itself means the account of the same address, which so keeps a copy. In any longer circle nobody would
/// get mail: that is an error.
package struct AliasTable: Sendable {
  /// How many aliases may stand one behind another, and how many addresses one may lead to in the end.
  package static let maxDepth = 16
  package static let maxTargets = 1_000
  /// Of all aliases together.
  static let maxTotalTargets = 1_000_000

  private let targets: [AccountAddress: [AccountAddress]]

  /// Without aliases.
  init() { targets = [:] }

  /// - Throws: `PolicyError` for a circle, and over the limits.
  init(_ aliases: [AccountAddress: [AccountAddress]], _ subaddressing: Subaddressing) throws(PolicyError) {
    var expansion = AliasExpansion(aliases: aliases, subaddressing: subaddressing)
    for alias in aliases.keys.sorted(by: { $0.text < $1.text }) { try expansion.expand(alias) }
    targets = expansion.expanded.mapValues(\.targets)
  }

  /// In the order of their text.
  var aliases: [AccountAddress] { targets.keys.sorted { $0.text < $1.text } }

  /// The accounts' addresses that mail for `address` goes to, each once; nil if it is no alias.
  subscript(address: AccountAddress) -> [AccountAddress]? { targets.isEmpty ? nil : targets[address] }
}

/// Follows each alias to its ends, depth first.
private struct AliasExpansion {
  struct Expanded {
    var targets: [AccountAddress] = []
    /// 1 for an alias that leads to no further one.
    var depth = 1
  }

  let aliases: [AccountAddress: [AccountAddress]]
  let subaddressing: Subaddressing
  private(set) var expanded: [AccountAddress: Expanded] = [:]
  /// From the alias that is expanded to the one we are at.
  private var path: [AccountAddress] = []
  private var total = 0

  init(aliases: [AccountAddress: [AccountAddress]], subaddressing: Subaddressing) {
    self.aliases = aliases
    self.subaddressing = subaddressing
  }

  @discardableResult
  mutating func expand(_ alias: AccountAddress) throws(PolicyError) -> Expanded {
    if let known = expanded[alias] { return known }
    path.append(alias)
    defer { path.removeLast() }
    guard path.count <= AliasTable.maxDepth else { throw tooDeep }
    var result = Expanded()
    var seen: Set<AccountAddress> = []
    for target in aliases[alias] ?? [] {
      let next = try ends(of: target, from: alias)
      result.depth = max(result.depth, 1 + next.depth)
      result.targets += next.targets.filter { seen.insert($0).inserted }
      guard result.targets.count <= AliasTable.maxTargets else {
        throw PolicyError(.alias(alias), "\(alias) leads to more than \(AliasTable.maxTargets) addresses")
      }
    }
    guard result.depth <= AliasTable.maxDepth else { throw tooDeep }
    try count(result, of: alias)
    expanded[alias] = result
    return result
  }

  private mutating func ends(of target: AccountAddress, from alias: AccountAddress) throws(PolicyError) -> Expanded {
    guard target != alias, aliases[target] != nil else {
      try checkTag(target, from: alias)
      return Expanded(targets: [target], depth: 0)
    }
    if let start = path.firstIndex(of: target) {
      let circle = (path[start...] + [target]).map(\.text).joined(separator: " → ")
      throw PolicyError(.alias(alias), "aliases that go in a circle: \(circle)")
    }
    return try expand(target)
  }

  /// What has a tag is an account's or nobody's in the end: whether it is some account's own address is known only when mail
  /// comes, and so cannot decide which alias is meant.
  private func checkTag(_ target: AccountAddress, from alias: AccountAddress) throws(PolicyError) {
    let meant = subaddressing.first(of: target) { aliases[$0] == nil ? nil : $0 }
    guard let meant, target != alias else { return }
    throw PolicyError(.alias(alias), "\(target) is the alias \(meant) with a tag; name \(meant)")
  }

  private mutating func count(_ result: Expanded, of alias: AccountAddress) throws(PolicyError) {
    total += result.targets.count
    guard total <= AliasTable.maxTotalTargets else {
      throw PolicyError(.alias(alias), "all aliases together lead to more than \(AliasTable.maxTotalTargets) addresses")
    }
  }

  private var tooDeep: PolicyError {
    let first = path[0]
    return PolicyError(.alias(first), "more than \(AliasTable.maxDepth) aliases one behind another from \(first) on")
  }
}
