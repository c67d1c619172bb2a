import ArgumentParser

struct ConfigCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "config", abstract: "Check the configuration, and have a running server read its policy again.",
    subcommands: [Check.self, Reload.self])

  struct Check: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Check the configuration file, the environment and the policy, and change nothing.",
      discussion:
        "Ends with 1 and one line that names file, line and key where there is a mistake. Whether an alias leads to accounts that "
        + "there are is told by serve and by 'config reload'.")
    @OptionGroup var common: CommonOptions

    func run() async throws {
      let settings = try common.settings()
      StandardStream.output.print("checked=\(settings.file ?? "-")")
    }
  }

  struct Reload: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Have the running server read the section policy of its configuration file again.",
      discussion: """
        The server reads the file that it was started with, as it does on SIGHUP. A mistake in it ends this command with 1 and \
        leaves the old policy in force. The new one counts from the next transaction of each session; other sections count \
        from the next start.
        """)
    @OptionGroup var common: CommonOptions

    func run() async throws { try await common.runInServer(.reloadConfiguration) }
  }
}
