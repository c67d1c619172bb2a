package import Bytes
import Foundation
import GRDB

/// The users and their tokens, kept in `control.sqlite`.
///
/// Every question (who is this recipient, whose token is this) is answered from memory. Every change is committed to
/// the file first, with `synchronous=FULL`, and is in memory when the call returns; changes block on the disk and so
/// belong on a thread that may. Safe to use from any thread.
package final class AccountStore: Sendable {
  let database: DatabaseQueue
  let directory: Locked<AccountDirectory>
  let clock: any WallClock
  private let postmaster: AccountAddress?
  let randomBytes: @Sendable (Int) -> [UInt8]

  /// Opens the store, making the file when there is none.
  /// - Parameters:
  ///   - postmaster: the address of the user who gets mail for `<postmaster>`; the first user does when nil.
  ///   - randomBytes: gives so many unguessable bytes.
  /// - Throws: `AccountError` `.newerVersion`, `.corrupt`, `.noSpace` or `.failed`.
  package init(
    path: String, clock: any WallClock = SystemClock(), postmaster: String? = nil,
    randomBytes: @escaping @Sendable (Int) -> [UInt8] = AccountStore.systemRandomBytes
  ) throws {
    self.clock = clock
    self.postmaster = postmaster.flatMap { AccountAddress($0) }
    self.randomBytes = randomBytes
    let opened = try Self.translatingErrors(path: path) {
      let database = try DatabaseQueue(path: path)
      // After opening and outside any transaction: GRDB would set NORMAL itself where it sets up WAL.
      try database.writeWithoutTransaction { database in
        try database.execute(sql: "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON")
      }
      try database.write { try AccountSchema.prepare($0, path: path) }
      return (database, try database.read { try AccountSchema.readDirectory($0) })
    }
    database = opened.0
    directory = Locked(opened.1)
  }

  /// Ends the use of the file. Later changes fail; questions are still answered.
  package func close() { try? database.close() }

  // MARK: Users

  /// In the order in which they were added.
  package func users() -> [UserRecord] {
    directory.withLock { $0.usersByID.values.sorted { $0.id < $1.id } }
  }

  package func user(id: UserID) -> UserRecord? { directory.withLock { $0.usersByID[id] } }

  package func user(address: String) -> UserRecord? { AccountAddress(address).flatMap { user(at: $0) } }

  package func user(at address: AccountAddress) -> UserRecord? { directory.withLock { $0.user(at: address) } }

  /// Who gets mail for `postmaster`: the configured user or else the first; nil without users.
  package var postmasterUser: UserRecord? {
    directory.withLock { directory in postmaster.flatMap { directory.user(at: $0) } ?? directory.firstUser }
  }

  /// Whether a user has an address in the domain, which is in the form of `AccountAddress`.
  package func hasUsers(in domain: String) -> Bool { directory.withLock { $0.isKnown(domain: domain) } }

  /// Those in which users have addresses.
  package var domains: Set<String> { directory.withLock { $0.knownDomains } }

  /// Adds a user with a first token, in one commit. The token is not kept: this is the only time it can be seen.
  /// - Parameter timeZone: a name of the tz database, which the caller has checked.
  /// - Throws: `AccountError` `.invalid` for text that is no address, `.exists`.
  package func addUser(
    address text: String, name: String? = nil, timeZone: String? = nil
  ) throws -> (user: UserRecord, token: String) {
    guard let address = AccountAddress(text), !address.domain.isEmpty else {
      throw AccountError(code: .invalid, message: "\"\(text)\" is not an address of the form name@domain")
    }
    let now = clock.now()
    let secret = TokenSecret(randomBytes: randomBytes(TokenSecret.randomByteCount))
    return try change { database in
      guard directory.withLock({ $0.user(at: address) }) == nil else {
        throw AccountError(code: .exists, message: "there is already a user \(address.text)")
      }
      try database.execute(
        sql: "INSERT INTO user (address, normalised_address, name, created_at, time_zone) VALUES (?, ?, ?, ?, ?)",
        arguments: [text, address.text, name, now.rawValue, timeZone])
      let user = UserRecord(
        id: UserID(rawValue: try Self.newID(database)), address: text, name: name, timeZone: timeZone, createdAt: now)
      let token = try Self.insertToken(database, user: user.id, hash: secret.hash, label: nil, now: now)
      return Committed((user, secret.text)) {
        $0.insert(user, at: address)
        $0.insert(token, hash: secret.hash)
      }
    }
  }

  /// Removes the user and their tokens. Their number is never given again; their mail is not this store's.
  package func removeUser(_ id: UserID) throws {
    try change { database in
      guard let user = user(id: id), let address = AccountAddress(user.address) else {
        throw AccountError(code: .notFound, message: "there is no user \(id.rawValue)")
      }
      try database.execute(sql: "DELETE FROM user WHERE id = ?", arguments: [id.rawValue])
      return Committed(()) { $0.remove(user, at: address) }
    }
  }

  /// - Parameter zone: a name of the tz database, which the caller has checked; `nil` for the settings'.
  /// - Throws: `AccountError` `.notFound`.
  package func setTimeZone(_ zone: String?, of id: UserID) throws {
    try change { database in
      guard var user = user(id: id) else {
        throw AccountError(code: .notFound, message: "there is no user \(id.rawValue)")
      }
      try database.execute(sql: "UPDATE user SET time_zone = ? WHERE id = ?", arguments: [zone, id.rawValue])
      user.timeZone = zone
      return Committed(()) { [user] in $0.update(user) }
    }
  }

  // MARK: Tokens

  /// Makes a token and returns it. It is not kept: this is the only time it can be seen.
  package func createToken(for user: UserID, label: String? = nil) throws -> String {
    let now = clock.now()
    let secret = TokenSecret(randomBytes: randomBytes(TokenSecret.randomByteCount))
    return try change { database in
      guard self.user(id: user) != nil else {
        throw AccountError(code: .notFound, message: "there is no user \(user.rawValue)")
      }
      let token = try Self.insertToken(database, user: user, hash: secret.hash, label: label, now: now)
      return Committed(secret.text) { $0.insert(token, hash: secret.hash) }
    }
  }

  /// The user's tokens, oldest first.
  package func tokens(of user: UserID) -> [TokenRecord] {
    directory.withLock { $0.tokensByID.values.filter { $0.user == user }.sorted { $0.id < $1.id } }
  }

  package func revokeToken(_ id: TokenID) throws {
    try change { database in
      guard directory.withLock({ $0.tokensByID[id] }) != nil else {
        throw AccountError(code: .notFound, message: "there is no token \(id)")
      }
      try database.execute(sql: "DELETE FROM token WHERE id = ?", arguments: [id.rawValue])
      return Committed(()) { $0.remove(id) }
    }
  }

  /// Whose token this is. Takes the same path for every text that is none.
  package func authenticate(_ token: some StringProtocol) -> UserRecord? {
    guard token.utf8.count <= TokenSecret.maxByteCount else { return nil }
    let hash = TokenSecret.hash(of: token)
    return directory.withLock { $0.user(withTokenHash: hash) }
  }

  // MARK: Passwords

  /// - Parameter verifier: `nil` takes the password away.
  /// - Throws: `AccountError` `.notFound`.
  package func setPassword(_ verifier: PasswordVerifier?, of id: UserID) throws {
    try change { database in
      guard user(id: id) != nil else {
        throw AccountError(code: .notFound, message: "there is no user \(id.rawValue)")
      }
      try database.execute(
        sql: "UPDATE user SET password = ? WHERE id = ?", arguments: [verifier?.text, id.rawValue])
      return Committed(()) { $0.setPassword(verifier, of: id) }
    }
  }

  /// Who has exactly this address, and a password.
  package func userWithPassword(at address: AccountAddress) -> (user: UserRecord, password: PasswordVerifier)? {
    directory.withLock { directory in
      guard let user = directory.user(at: address), let password = directory.passwords[user.id] else { return nil }
      return (user, password)
    }
  }

  // MARK: Settings

  package func setting(_ key: String) -> String? { directory.withLock { $0.settings[key] } }

  package func setSetting(_ key: String, to value: String) throws {
    precondition(key != AccountSchema.versionKey)
    try change { database in
      try database.execute(sql: "INSERT OR REPLACE INTO setting VALUES (?, ?)", arguments: [key, value])
      return Committed(()) { $0.settings[key] = value }
    }
  }

  /// What the connection runs with; `synchronous` 2 is FULL.
  package func pragmas() throws -> (journalMode: String, synchronous: Int) {
    try database.read { database in
      (
        try String.fetchOne(database, sql: "PRAGMA journal_mode") ?? "",
        try Int.fetchOne(database, sql: "PRAGMA synchronous") ?? -1
      )
    }
  }

  /// From the machine's own generator.
  package static let systemRandomBytes: @Sendable (Int) -> [UInt8] = { count in
    var generator = SystemRandomNumberGenerator()
    return (0..<count).map { _ in UInt8.random(in: 0...255, using: &generator) }
  }

  // MARK: Writing through

  /// What a change answers and what it does to the directory once it is committed.
  struct Committed<Value> {
    let value: Value
    let apply: (inout AccountDirectory) -> Void

    init(_ value: Value, apply: @escaping (inout AccountDirectory) -> Void) {
      self.value = value
      self.apply = apply
    }
  }

  /// One transaction, then the same change in memory. Both happen on the connection's queue, so that changes reach
  /// memory in the order in which they were committed.
  func change<Value>(_ body: (Database) throws -> Committed<Value>) throws -> Value {
    try Self.translatingErrors(path: database.path) {
      try database.writeWithoutTransaction { database in
        var committed: Committed<Value>?
        try database.inTransaction(.immediate) {
          committed = try body(database)
          return .commit
        }
        guard let committed else { throw AccountError(code: .failed, message: "nothing was committed") }
        directory.withLock { committed.apply(&$0) }
        return committed.value
      }
    }
  }

  private static func insertToken(
    _ database: Database, user: UserID, hash: [UInt8], label: String?, now: Timestamp
  ) throws -> TokenRecord {
    try database.execute(
      sql: "INSERT INTO token (user, hash, label, created_at) VALUES (?, ?, ?, ?)",
      arguments: [user.rawValue, Data(hash), label, now.rawValue])
    return TokenRecord(id: TokenID(rawValue: try newID(database)), user: user, label: label, createdAt: now)
  }

  static func newID(_ database: Database) throws -> UInt32 {
    guard let id = UInt32(exactly: database.lastInsertedRowID) else {
      throw AccountError(code: .failed, message: "all account numbers are used up")
    }
    return id
  }

  private static func translatingErrors<Value>(path: String, _ body: () throws -> Value) throws -> Value {
    do {
      return try body()
    } catch let error as DatabaseError {
      switch error.resultCode {
      case .SQLITE_FULL:
        throw AccountError(code: .noSpace, message: "\(path): the disk is full")
      case .SQLITE_CORRUPT, .SQLITE_NOTADB:
        throw AccountError(code: .corrupt, message: "\(path) is damaged (\(error)); restore it from a backup")
      default:
        throw AccountError(code: .failed, message: "\(path): \(error)")
      }
    }
  }
}
