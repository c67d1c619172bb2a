import Foundation

/// A command as it travels: run in this process, or sent to the server that holds the data directory.
enum CommandRequest: Codable, Sendable {
  case addUser(address: String, name: String?, timeZone: String?)
  /// - Parameter timeZone: empty for the settings'.
  case setUser(address: String, timeZone: String)
  /// - Parameter verifier: the text of a `PasswordVerifier`; `nil` takes the password away.
  case setPassword(address: String, verifier: String?)
  case listUsers
  case removeUser(address: String)
  case createToken(user: String, label: String?)
  case listTokens(user: String)
  case revokeToken(user: String, token: String)
  case importMail(user: String, folder: String?, paths: [String])
  case search(
    user: String, query: String, sort: String, limit: Int, facets: [String], isJSON: Bool, explains: Bool)
  /// Whether a message, by its id or Message-ID, is a hit of a query, and why.
  case why(user: String, query: String, message: String)
  case reindex(user: String?, jobs: Int, isFromSource: Bool)
  case stats(user: String?)
  case verify(repairs: Bool)
  /// - Parameter queue: a `MailQueue`; nil for all.
  case listQueue(queue: String?, limit: Int, isJSON: Bool)
  case showQueued(id: UInt64)
  /// To be tried now: put off mail, and held mail by asking the filters again.
  case retryQueued(ids: [UInt64])
  case releaseQueued(ids: [UInt64])
  /// - Parameter bounces: whether senders are told.
  case dropQueued(ids: [UInt64], bounces: Bool)
  case flushQueue
  case createAdminToken(label: String?)
  case listAdminTokens
  case revokeAdminToken(token: String)
  /// Of a server only.
  case reloadConfiguration
}

/// What a running command says, one JSON object a line when it comes from a server.
enum CommandEvent: Codable, Sendable {
  /// A line for standard output.
  case line(String)
  /// A line for standard error; the command goes on.
  case warning(String)
  case progress(CommandProgress)
  /// The last event of a command that failed: what happened and what to do.
  case failed(String)
  /// The last event of a command that did its work.
  case done
}

/// How far a long command is; drawn as a bar on a terminal.
struct CommandProgress: Codable, Sendable {
  var done: UInt64
  var total: UInt64
  /// What has been done so far, in words: `1,234 mails, 4.1 MB/s`.
  var note: String
}

/// Takes a command's events as they come.
typealias CommandOutput = @Sendable (CommandEvent) async throws -> Void

/// A command failed in a way that its user can understand; exit code 1.
struct CommandFailure: Error, CustomStringConvertible {
  let description: String
  init(_ description: String) { self.description = description }
}
