import Bytes

/// The accounts as they are in memory: a copy of the tables, so that naming a recipient or checking a token touches no
/// disk. A value; `AccountStore` guards it.
struct AccountDirectory {
  private(set) var usersByID: [UserID: UserRecord] = [:]
  private var idsByAddress: [AccountAddress: UserID] = [:]
  /// How many users have an address in the domain.
  private var domains: [String: Int] = [:]
  private(set) var tokensByID: [TokenID: TokenRecord] = [:]
  private var tokensByHash: [[UInt8]: TokenID] = [:]
  private var hashes: [TokenID: [UInt8]] = [:]
  private(set) var passwords: [UserID: PasswordVerifier] = [:]
  /// Of users who block any.
  var blockedSenders: [UserID: Set<SenderPattern>] = [:]
  var adminTokens = AdminTokens()
  var settings: [String: String] = [:]

  // MARK: Asking

  func user(at address: AccountAddress) -> UserRecord? { idsByAddress[address].flatMap { usersByID[$0] } }

  var firstUser: UserRecord? { usersByID.min { $0.key < $1.key }?.value }

  func isKnown(domain: String) -> Bool { domains[domain] != nil }

  var knownDomains: Set<String> { Set(domains.keys) }

  /// The dictionary compares hashes, of which whoever guesses tokens can choose no byte, and so its timing tells
  /// nothing about a token; the final comparison takes the same time wherever it differs.
  func user(withTokenHash hash: [UInt8]) -> UserRecord? {
    guard let id = tokensByHash[hash], let stored = hashes[id], stored.equalsInConstantTime(hash) else { return nil }
    return tokensByID[id].flatMap { usersByID[$0.user] }
  }

  // MARK: Changing

  mutating func insert(_ user: UserRecord, at address: AccountAddress) {
    usersByID[user.id] = user
    idsByAddress[address] = user.id
    domains[address.domain, default: 0] += 1
  }

  /// Of one that is there, whose address stays.
  mutating func update(_ user: UserRecord) { usersByID[user.id] = user }

  mutating func remove(_ user: UserRecord, at address: AccountAddress) {
    usersByID[user.id] = nil
    passwords[user.id] = nil
    blockedSenders[user.id] = nil
    idsByAddress[address] = nil
    let count = domains[address.domain, default: 1] - 1
    domains[address.domain] = count == 0 ? nil : count
    for token in tokensByID.values where token.user == user.id { remove(token.id) }
  }

  mutating func setPassword(_ verifier: PasswordVerifier?, of user: UserID) { passwords[user] = verifier }

  mutating func insert(_ token: TokenRecord, hash: [UInt8]) {
    tokensByID[token.id] = token
    tokensByHash[hash] = token.id
    hashes[token.id] = hash
  }

  mutating func remove(_ token: TokenID) {
    tokensByID[token] = nil
    if let hash = hashes.removeValue(forKey: token) { tokensByHash[hash] = nil }
  }
}
