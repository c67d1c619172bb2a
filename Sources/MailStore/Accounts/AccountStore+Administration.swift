package import Bytes
import Foundation
import GRDB

/// Tokens of the operators' API, and the senders that users block.
extension AccountStore {
  // MARK: Operators' tokens

  /// Makes a token and returns it. It is not kept: this is the only time it can be seen.
  package func createAdminToken(label: String? = nil) throws -> String {
    let now = clock.now()
    let secret = TokenSecret(randomBytes: randomBytes(TokenSecret.randomByteCount), prefix: TokenSecret.adminPrefix)
    return try change { database in
      try database.execute(
        sql: "INSERT INTO admin_token (hash, label, created_at) VALUES (?, ?, ?)",
        arguments: [Data(secret.hash), label, now.rawValue])
      let record = AdminTokenRecord(id: TokenID(rawValue: try Self.newID(database)), label: label, createdAt: now)
      return Committed(secret.text) { $0.adminTokens.insert(record, hash: secret.hash) }
    }
  }

  /// Oldest first.
  package func adminTokens() -> [AdminTokenRecord] { directory.withLock { $0.adminTokens.records } }

  /// - Throws: `AccountError` `.notFound`.
  package func revokeAdminToken(_ id: TokenID) throws {
    try change { database in
      try database.execute(sql: "DELETE FROM admin_token WHERE id = ?", arguments: [id.rawValue])
      guard database.changesCount == 1 else {
        throw AccountError(code: .notFound, message: "there is no token \(id) of operators")
      }
      return Committed(()) { $0.adminTokens.remove(id) }
    }
  }

  /// Whether this is an operator's token. Takes the same path for every text that is none.
  package func isAdministrator(_ token: some StringProtocol) -> Bool {
    guard token.utf8.count <= TokenSecret.maxByteCount else { return false }
    let hash = TokenSecret.hash(of: token)
    return directory.withLock { $0.adminTokens.contains(hash: hash) }
  }

  // MARK: Blocked senders

  package static let maxBlockedSenders = 1_000

  /// In the order of their text.
  package func blockedSenders(of user: UserID) -> [SenderPattern] {
    directory.withLock { $0.blockedSenders[user] ?? [] }.sorted { $0.description < $1.description }
  }

  /// Whether the user wants no mail of this sender in the inbox.
  /// - Parameter sender: an address; the empty one, of reports, is nobody's.
  package func blocks(_ sender: String, for user: UserID) -> Bool {
    guard let patterns = directory.withLock({ $0.blockedSenders[user] }) else { return false }
    return patterns.matches(sender)
  }

  /// Nothing changes for one that is blocked already.
  /// - Throws: `AccountError` `.notFound`, `.invalid` for one too many.
  package func block(_ pattern: SenderPattern, for user: UserID) throws {
    try change { database in
      guard self.user(id: user) != nil else {
        throw AccountError(code: .notFound, message: "there is no user \(user.rawValue)")
      }
      let blocked = directory.withLock { $0.blockedSenders[user] ?? [] }
      guard blocked.count < Self.maxBlockedSenders || blocked.contains(pattern) else {
        throw AccountError(code: .invalid, message: "at most \(Self.maxBlockedSenders) senders can be blocked")
      }
      try database.execute(
        sql: "INSERT OR IGNORE INTO blocked_sender VALUES (?, ?)", arguments: [user.rawValue, pattern.description])
      return Committed(()) { _ = $0.blockedSenders[user, default: []].insert(pattern) }
    }
  }

  /// - Throws: `AccountError` `.notFound` for one that is not blocked.
  package func unblock(_ pattern: SenderPattern, for user: UserID) throws {
    try change { database in
      try database.execute(
        sql: "DELETE FROM blocked_sender WHERE user = ? AND pattern = ?",
        arguments: [user.rawValue, pattern.description])
      guard database.changesCount == 1 else {
        throw AccountError(code: .notFound, message: "\(pattern) is not blocked")
      }
      return Committed(()) { directory in
        directory.blockedSenders[user]?.remove(pattern)
        if directory.blockedSenders[user]?.isEmpty == true { directory.blockedSenders[user] = nil }
      }
    }
  }
}
