import ArgumentParser
import HTTPAPI

struct QueueCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "queue", abstract: "Look into the queues of mail, and decide what becomes of mail that is held.",
    discussion: """
      The inbound queue holds what was accepted and is not in its mailboxes yet; the error queue what filters or failures keep from
      them until an operator decides. Mail is named by its number: the one that the client was told, and that logs have.
      """,
    subcommands: [List.self, Show.self, Retry.self, Release.self, Drop.self, Flush.self], defaultSubcommand: List.self)

  struct List: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "List the mail in the queues, in the order in which it came.")
    @OptionGroup var common: CommonOptions
    @Option(help: "inbound or error; both without it.") var queue: String?
    @Option(help: "The most to list of each queue.") var limit = 1_000
    @Flag(help: "Print one JSON object a line.") var json = false

    func validate() throws {
      guard queue.map({ MailQueue(rawValue: $0) != nil }) ?? true else {
        throw ValidationError("--queue takes \(MailQueue.allCases.map(\.rawValue).joined(separator: " or "))")
      }
      guard (1...1_000_000).contains(limit) else { throw ValidationError("--limit takes 1 to 1000000") }
    }

    func run() async throws { try await common.run(.listQueue(queue: queue, limit: limit, isJSON: json)) }
  }

  struct Show: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Show all that is known of a mail, and its header.",
      discussion: "Its bytes are at /admin/v1/queues/{queue}/messages/{id}/raw.")
    @OptionGroup var common: CommonOptions
    @Argument(help: "The mail's number.") var id: UInt64

    func run() async throws { try await common.run(.showQueued(id: id)) }
  }

  struct Retry: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Have mail tried now that was put off, and held mail judged by the filters again.")
    @OptionGroup var common: CommonOptions
    @Argument(help: "Numbers of mails.") var ids: [UInt64]

    func run() async throws { try await common.run(.retryQueued(ids: ids)) }
  }

  struct Release: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Deliver held mail, whatever filters say of it.")
    @OptionGroup var common: CommonOptions
    @Argument(help: "Numbers of mails.") var ids: [UInt64]

    func run() async throws { try await common.run(.releaseQueued(ids: ids)) }
  }

  struct Drop: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Give mail up, for good. Nobody is told without --bounce.")
    @OptionGroup var common: CommonOptions
    @Flag(
      help: "Tell the senders that their mail is not delivered. Mail stays where its sender cannot be told for now.")
    var bounce = false
    @Argument(help: "Numbers of mails.") var ids: [UInt64]

    func run() async throws { try await common.run(.dropQueued(ids: ids, bounces: bounce)) }
  }

  struct Flush: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Have all mail tried now that was put off.")
    @OptionGroup var common: CommonOptions

    func run() async throws { try await common.run(.flushQueue) }
  }
}
