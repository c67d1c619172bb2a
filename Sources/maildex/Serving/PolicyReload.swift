import Bytes
import Logging
import MailStore
import Receipt

/// Reads the policy again while the server runs, for `maildex config reload` and for SIGHUP: the whole file is read and checked,
/// and the section `policy` takes the place of the one in force. A file with a mistake changes nothing.
final class PolicyReload: Sendable {
  struct Outcome: Sendable {
    let file: String
    /// What the operator may want to know, in words.
    let notes: [String]
  }

  private let settings: Settings
  private let policy: CurrentPolicy
  private let accounts: AccountStore
  private let logger: Logger
  /// Whoever asks last has the last word.
  private let turn = Locked(())

  init(settings: Settings, policy: CurrentPolicy, accounts: AccountStore, logger: Logger) {
    self.settings = settings
    self.policy = policy
    self.accounts = accounts
    self.logger = logger
  }

  /// The policy in force.
  var current: ReceiptPolicy { policy.value }

  /// Blocks.
  /// - Throws: `CommandFailure`, and then the old policy stays; it is logged.
  func run() throws -> Outcome { try turn.withLock { _ in try reload() } }

  private func reload() throws -> Outcome {
    guard let path = settings.file else {
      throw CommandFailure("the server was started without a configuration file, and so there is none to read again")
    }
    let file: ConfigurationFile
    do {
      file = try ConfigurationFile(reading: path)
    } catch {
      logger.error("changed policy not used, the old one stays", metadata: ["error": "\(error)"])
      throw CommandFailure("configuration: \(error); the old policy stays in force")
    }
    policy.replace(with: file.policy)
    let notes = Self.doubts(file.policy, accounts) + changes(file.values)
    logger.notice("policy read again", metadata: ["file": "\(path)"])
    for note in notes { logger.warning("\(note)") }
    return Outcome(file: path, notes: notes)
  }

  private static let maxDoubts = 20

  /// What may be a mistake and is none for sure.
  static func doubts(_ policy: ReceiptPolicy, _ accounts: AccountStore) -> [String] {
    let doubts = policy.recipients.doubts(among: accounts).map { "policy.recipients: \($0)" }
    let rest = doubts.count - maxDoubts
    return Array(doubts.prefix(maxDoubts)) + (rest > 0 ? ["policy.recipients: and \(rest) more of that kind"] : [])
  }

  private func changes(_ values: [SettingKey: String]) -> [String] {
    SettingKey.allCases.filter { values[$0] != settings.fileValues[$0] }
      .map { "\($0.rawValue) is another than at the start, and counts from the next start on" }
  }
}
