import Foundation
import Testing

@Suite(.timeLimit(.minutes(60))) struct UsageTests {
  @Test(arguments: [
    ["nonsense"], ["serve", "--nonsense"], ["serve", "extra"], ["import", "--user", "alice@example.com"],
    ["import", "old.mbox"], ["search", "--user", "alice@example.com"],
    ["search", "--user", "alice@example.com", "--limit", "0", "word"],
    ["search", "--user", "alice@example.com", "--limit", "many", "word"],
    ["reindex", "--user", "alice@example.com", "--all"], ["reindex", "--jobs", "0"], ["user", "add"],
    ["user", "rename", "alice@example.com"], ["token", "revoke", "alice@example.com"], ["stats", "extra"],
    ["token", "create"], ["token", "create", "alice@example.com", "--admin"], ["token", "list"], ["queue", "show"],
    ["queue", "release"], ["queue", "drop", "x"], ["queue", "list", "--queue", "outbox"],
    ["verify", "extra"], ["dump"], ["dump", "--user", "alice", "file"],
    ["config", "check", "extra"], ["config", "reload", "extra"], ["config", "change"],
    ["analyze"], ["analyze", "--analyzer", "nonsense", "a"],
    ["search", "--user", "alice@example.com", "--why", "id", "--json", "word"],
  ])
  func `wrong usage ends with 64 and says how it is used`(arguments: [String]) async throws {
    let result = try await MaildexProcess.run(arguments)
    #expect(result.status == 64, "\(result)")
    #expect(result.output.isEmpty)
    #expect(result.errors.hasPrefix("Error: ") && result.errors.contains("Usage: maildex"), "\(result)")
  }

  static let commands = [
    ["serve"], ["user"], ["user", "add"], ["user", "list"], ["user", "remove"], ["token"], ["token", "create"],
    ["token", "list"], ["token", "revoke"], ["import"], ["search"], ["reindex"], ["stats"], ["verify"],
    ["queue"], ["queue", "list"], ["queue", "show"], ["queue", "retry"], ["queue", "release"], ["queue", "drop"],
    ["queue", "flush"], ["dump"], ["analyze"], ["config"], ["config", "check"], ["config", "reload"],
  ]

  @Test(arguments: commands)
  func `every command explains itself`(command: [String]) async throws {
    let result = try await succeed(command + ["--help"])
    #expect(result.output.hasPrefix("OVERVIEW: "))
    #expect(result.output.contains("USAGE: maildex \(command.joined(separator: " "))"))
  }

  @Test func `the help lists the commands and the exit codes`() async throws {
    let help = try await succeed(["--help"]).output
    let listed = Set(help.matches(of: /^  ([a-z]+) +[A-Z]/.anchorsMatchLineEndings()).map { String($0.1) })
    #expect(listed == Set(Self.commands.map { $0[0] }), "\(help)")
    #expect(help.contains("Exit codes: 0 done, 1 failed, 64 wrong usage."))
  }

  /// Every line `maildex …` of the README's reference is taken by the parser: only its data directory is missing.
  @Test func `the README shows commands that there are`() async throws {
    let readme = try String(contentsOf: Checkout.file("README.md"), encoding: .utf8)
    let lines = readme.matches(of: /^maildex +([a-z]+)(.*)$/.anchorsMatchLineEndings())
    #expect(Set(lines.map { String($0.1) }).isSuperset(of: ["serve", "user", "import", "search", "reindex"]))
    for line in lines {
      let options = line.2.matches(of: /--[a-z-]+/).map { String($0.0) }
      var words = [String(line.1)]
      if words[0] == "user" || words[0] == "token" { words += line.2.split(separator: " ").prefix(1).map(String.init) }
      let help = try await succeed(words + ["--help"]).output
      for option in options { #expect(help.contains(option), "\(line.0)") }
    }
  }
}
