import ArgumentParser
import MailStore

struct UserCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "user", abstract: "Add, change, list and remove users.",
    subcommands: [Add.self, Set.self, Password.self, List.self, Remove.self])

  struct Add: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Add a user and print a bearer token, once: user=… token=…")
    @OptionGroup var common: CommonOptions
    @Option(help: "The display name.") var name: String?
    @Option(help: "The zone of the days in the user's queries, as in Europe/Berlin; search.time_zone without it.")
    var timeZone: String?
    @Argument(help: "The address, as in alice@example.com.") var address: String

    func run() async throws { try await common.run(.addUser(address: address, name: name, timeZone: timeZone)) }
  }

  struct Set: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Change what is kept of a user.")
    @OptionGroup var common: CommonOptions
    @Option(help: "The zone of the days in the user's queries, as in Europe/Berlin; empty for search.time_zone.")
    var timeZone: String
    @Argument(help: "The user's address.") var address: String

    func run() async throws { try await common.run(.setUser(address: address, timeZone: timeZone)) }
  }

  struct Password: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Set the password with which a user submits mail.",
      discussion: """
        It is read from standard input: twice and unseen from a terminal, else the first line. What is kept of it, and sent to a
        running server, knows it again but cannot tell it (SCRAM-SHA-256, RFC 7677).
        """)
    @OptionGroup var common: CommonOptions
    @Flag(help: "Take the password away.") var remove = false
    @Argument(help: "The user's address.") var address: String

    func run() async throws {
      let verifier: String? = if remove { nil } else { try Self.verifier() }
      try await common.run(.setPassword(address: address, verifier: verifier))
    }

    private static func verifier() throws -> String {
      let salt = AccountStore.systemRandomBytes(PasswordVerifier.saltByteCount)
      guard let verifier = try PasswordVerifier(password: try PasswordInput.read(), salt: salt) else {
        throw CommandFailure(
          "that password cannot be kept: it may have 1024 bytes of UTF-8, without control characters and others that SASLprep "
            + "(RFC 4013) prohibits")
      }
      return verifier.text
    }
  }

  struct List: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "List the users.")
    @OptionGroup var common: CommonOptions

    func run() async throws { try await common.run(.listUsers) }
  }

  struct Remove: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Remove a user with all mail, for good.")
    @OptionGroup var common: CommonOptions
    @Argument(help: "The user's address.") var address: String

    func run() async throws { try await common.run(.removeUser(address: address)) }
  }
}

struct TokenCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "token", abstract: "Create, list and revoke API tokens.",
    subcommands: [Create.self, List.self, Revoke.self])

  struct Create: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Create a token and print it, once.")
    @OptionGroup var common: CommonOptions
    @Option(help: "What the token is for.") var label: String?
    @Flag(help: "A token of operators, for /admin/v1; names no user.") var admin = false
    @Argument(help: "The user's address.") var user: String?

    func validate() throws { try TokenCommand.check(user, admin) }

    func run() async throws {
      guard let user else { return try await common.run(.createAdminToken(label: label)) }
      try await common.run(.createToken(user: user, label: label))
    }
  }

  struct List: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "List a user's tokens (never the secrets).")
    @OptionGroup var common: CommonOptions
    @Flag(help: "Those of operators.") var admin = false
    @Argument(help: "The user's address.") var user: String?

    func validate() throws { try TokenCommand.check(user, admin) }

    func run() async throws { try await common.run(user.map { .listTokens(user: $0) } ?? .listAdminTokens) }
  }

  struct Revoke: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Make a token worthless.")
    @OptionGroup var common: CommonOptions
    @Flag(help: "One of operators; names no user.") var admin = false
    @Argument(
      help: "The user's address, then the token's number, as 'token list' shows it; with --admin the number alone.")
    var arguments: [String]

    func validate() throws {
      guard arguments.count == (admin ? 1 : 2) else {
        throw ValidationError(admin ? "name the token's number" : "name the user and the token's number")
      }
    }

    func run() async throws {
      if admin { return try await common.run(.revokeAdminToken(token: arguments[0])) }
      try await common.run(.revokeToken(user: arguments[0], token: arguments[1]))
    }
  }

  fileprivate static func check(_ user: String?, _ admin: Bool) throws {
    guard (user == nil) == admin else { throw ValidationError("name a user, or say --admin") }
  }
}
