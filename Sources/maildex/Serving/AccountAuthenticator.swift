import Bytes
import Foundation
import Logging
import MailStore
import Receipt
import SMTP

/// Logins by what the account store keeps.
///
/// Who does not exist or has no password is held against a decoy, so that all refusals cost and show the same.
struct AccountAuthenticator: Authenticator {
  private let accounts: AccountStore
  private let threads: BlockingThreads
  private let decoyKey: [UInt8]

  /// - Parameter threads: for passwords, which each take one for a tenth of a second.
  init(accounts: AccountStore, threads: BlockingThreads, logger: Logger) {
    self.accounts = accounts
    self.threads = threads
    decoyKey = Self.decoyKey(in: accounts, logger)
  }

  func secret(for claim: SASLClaim) -> (secret: SCRAMSecret, identity: SASLIdentity?) {
    let (password, identity) = password(of: claim)
    let secret = SCRAMSecret(
      salt: password.salt, iterationCount: password.iterationCount, storedKey: password.storedKey,
      serverKey: password.serverKey)
    return (secret, identity)
  }

  func verify(_ claim: SASLClaim, password: [UInt8]) async throws -> SASLIdentity? {
    if let identity = holder(of: password, claim) { return identity }
    let (kept, identity) = self.password(of: claim)
    return try await threads.run { try kept.matches(password) } ? identity : nil
  }

  func mayUse(_ address: String, _ identity: SASLIdentity, by policy: RecipientPolicy) -> Bool {
    guard accounts.user(id: identity.user) != nil else { return false }
    return address.isEmpty || policy.has(identity.user, address, among: accounts)
  }

  /// The decoy is made in either case.
  private func password(of claim: SASLClaim) -> (PasswordVerifier, SASLIdentity?) {
    let address = AccountAddress(claim.name)
    let decoy = PasswordVerifier(decoyFor: address?.text ?? claim.name, key: decoyKey)
    guard let address, let found = accounts.userWithPassword(at: address) else { return (decoy, nil) }
    // Who would act for somebody else sees what others see: another salt would tell that the account is there.
    guard actsForItself(claim, address) else { return (found.password, nil) }
    return (found.password, SASLIdentity(user: found.user.id, name: found.user.address))
  }

  /// A token of the HTTP API does for a password. It has 256 random bits: that it is looked up sooner tells nothing.
  private func holder(of token: [UInt8], _ claim: SASLClaim) -> SASLIdentity? {
    guard let address = AccountAddress(claim.name), actsForItself(claim, address),
      let user = accounts.authenticate(String(decoding: token, as: UTF8.self)), user == accounts.user(at: address)
    else { return nil }
    return SASLIdentity(user: user.id, name: user.address)
  }

  private func actsForItself(_ claim: SASLClaim, _ address: AccountAddress) -> Bool {
    claim.authorizationName.map { AccountAddress($0) == address } ?? true
  }

  /// Kept with the accounts, so that decoys are the same after a restart. A full disk keeps no server from starting.
  private static func decoyKey(in accounts: AccountStore, _ logger: Logger) -> [UInt8] {
    let name = "password.decoy_key"
    if let text = accounts.setting(name), let key = Data(base64Encoded: text) { return Array(key) }
    let key = AccountStore.systemRandomBytes(32)
    do {
      try accounts.setSetting(name, to: Data(key).base64EncodedString())
    } catch {
      logger.warning("unknown users will have other salts after a restart", metadata: ["error": "\(error)"])
    }
    return key
  }
}
