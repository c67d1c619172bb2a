import ArgumentParser
import Documents
import Filter

@main
struct Maildex: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "maildex",
    abstract: "A search-first mail indexing service: SMTP in, durable storage, every mailbox searchable at once.",
    discussion: """
      Commands that need the data directory while a server holds it are run by that server, over its socket.
      Exit codes: 0 done, 1 failed, 64 wrong usage.
      """,
    version: "0.1.0",
    subcommands: [
      ServeCommand.self, UserCommand.self, TokenCommand.self, ImportCommand.self, SearchMailCommand.self,
      ReindexCommand.self, QueueCommand.self, StatsCommand.self, VerifyCommand.self, ConfigCommand.self,
      DumpCommand.self,
      AnalyzeCommand.self, ExtractTextCommand.self,
    ])

  static func main() async {
    ReadingProcess.runIfAsked(CommandLine.arguments)
    ArchiveProcess.runIfAsked(CommandLine.arguments)
    StandardStream.outliveReaders()
    await main(nil)
  }
}
