import Bytes
import Foundation
import Mailboxes
import MailStore

extension CommandRunner {
  func addUser(_ address: String, _ name: String?, timeZone: String?, _ output: CommandOutput) async throws {
    let engine = engine
    let zone = try timeZone.flatMap(Self.checkedZone)
    let added = try await engine.threads.run {
      try engine.accounts.addUser(address: address, name: name, timeZone: zone)
    }
    try await engine.mailboxes.createMailbox(added.user.id)
    try await output(.line("user=\(added.user.address) token=\(added.token)"))
  }

  func setUser(_ address: String, timeZone: String, _ output: CommandOutput) async throws {
    let user = try engine.user(address)
    let engine = engine
    let zone = try Self.checkedZone(timeZone)
    try await engine.threads.run { try engine.accounts.setTimeZone(zone, of: user.id) }
    try await output(.line("user=\(user.address) time_zone=\(zone ?? "-")"))
  }

  func setPassword(_ address: String, _ text: String?, _ output: CommandOutput) async throws {
    let user = try engine.user(address)
    let verifier = text.flatMap { PasswordVerifier(text: $0) }
    guard text == nil || verifier != nil else { throw CommandFailure("what came is no verifier of a password") }
    let engine = engine
    try await engine.threads.run { try engine.accounts.setPassword(verifier, of: user.id) }
    try await output(.line("user=\(user.address) password=\(verifier == nil ? "removed" : "set")"))
  }

  /// - Returns: `nil` for an empty name.
  private static func checkedZone(_ name: String) throws -> String? {
    if name.isEmpty { return nil }
    guard let zone = TimeZone(identifier: name) else {
      throw CommandFailure("\(name) is no time zone; name one as in Europe/Berlin")
    }
    return zone.identifier
  }

  func listUsers(_ output: CommandOutput) async throws {
    for user in engine.accounts.users() {
      let zone = user.timeZone.map { " \($0)" } ?? ""
      try await output(.line(user.address + (user.name.map { " (\($0))" } ?? "") + zone))
    }
  }

  /// The account goes first, so that no mail comes behind the removal; what a crash leaves between the two goes when the
  /// server starts.
  func removeUser(_ address: String, _ output: CommandOutput) async throws {
    let user = try engine.user(address)
    let engine = engine
    try await engine.threads.run { try engine.accounts.removeUser(user.id) }
    try await engine.mailboxes.removeMailbox(user.id)
    try await output(.line("removed=\(user.address)"))
  }

  func createToken(_ address: String, _ label: String?, _ output: CommandOutput) async throws {
    let user = try engine.user(address)
    let engine = engine
    let token = try await engine.threads.run { try engine.accounts.createToken(for: user.id, label: label) }
    try await output(.line("user=\(user.address) token=\(token)"))
  }

  func listTokens(_ address: String, _ output: CommandOutput) async throws {
    for token in engine.accounts.tokens(of: try engine.user(address).id) {
      let created = Date(timeIntervalSince1970: Double(token.createdAt.rawValue) / 1_000).formatted(.iso8601)
      try await output(.line("\(token.id) created=\(created) label=\(token.label ?? "-")"))
    }
  }

  func revokeToken(_ address: String, _ token: String, _ output: CommandOutput) async throws {
    let user = try engine.user(address)
    guard let record = engine.accounts.tokens(of: user.id).first(where: { "\($0.id)" == token }) else {
      throw CommandFailure("\(user.address) has no token \(token); see 'maildex token list \(user.address)'")
    }
    let engine = engine
    try await engine.threads.run { try engine.accounts.revokeToken(record.id) }
    try await output(.line("revoked=\(record.id)"))
  }

  func createAdminToken(_ label: String?, _ output: CommandOutput) async throws {
    let engine = engine
    let token = try await engine.threads.run { try engine.accounts.createAdminToken(label: label) }
    try await output(.line("admin token=\(token)"))
  }

  func listAdminTokens(_ output: CommandOutput) async throws {
    for token in engine.accounts.adminTokens() {
      let created = Date(timeIntervalSince1970: Double(token.createdAt.rawValue) / 1_000).formatted(.iso8601)
      try await output(.line("\(token.id) created=\(created) label=\(token.label ?? "-")"))
    }
  }

  func revokeAdminToken(_ token: String, _ output: CommandOutput) async throws {
    guard let record = engine.accounts.adminTokens().first(where: { "\($0.id)" == token }) else {
      throw CommandFailure("operators have no token \(token); see 'maildex token list --admin'")
    }
    let engine = engine
    try await engine.threads.run { try engine.accounts.revokeAdminToken(record.id) }
    try await output(.line("revoked=\(record.id)"))
  }
}
