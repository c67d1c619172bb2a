import ArgumentParser
import Foundation
import HTTPAPI

struct ImportCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "import",
    abstract: "Bring existing mail into a mailbox.",
    discussion: """
      Takes mbox, mbox.zst, Maildir, Maildir++, a directory of these, or .eml files. Running it again resumes it: bytes \
      that the user already has add nothing. Ends with imported=N skipped=N failed=N seconds=S.
      """)

  @OptionGroup var common: CommonOptions
  @Option(help: "Whose mailbox.") var user: String
  @Option(help: "Put everything into this folder; without it names of directories and mbox files become folders.")
  var folder: String?
  @Argument(help: "What to import.") var paths: [String]

  func run() async throws {
    let absolute = paths.map { URL(fileURLWithPath: $0).standardizedFileURL.path }
    try await common.run(.importMail(user: user, folder: folder, paths: absolute))
  }
}

struct SearchMailCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "search", abstract: "Search a mailbox with the query language of docs/query-language.md.",
    discussion: """
      --explain adds how the answer was found: what each part of the query looks up, and of each slice of the mailbox (a \
      part of a segment, or the mail that is in none yet) the iterators, the posting lists, blocks, bytes and text records \
      that were read, and the time of each step. --why tells of one message, clause by clause, why it is a hit or not.
      """)

  @OptionGroup var common: CommonOptions
  @Option(help: "Whose mailbox.") var user: String
  @Option(help: "-date, date, -size, size, from, subject or relevance. With a minus: --sort=-size.") var sort = "-date"
  @Option(help: "The most hits to show.") var limit = 20
  @Flag(help: "Print the answer as JSON, as the HTTP API gives it.") var json = false
  @Flag(help: "Show how the answer was found.") var explain = false
  @Option(help: "Instead of searching tell why this message (its id, or its Message-ID) is a hit or not.")
  var why: String?
  @Option(help: "Count all hits by these, separated by commas: from, folder, month, label, type, size.")
  var facets = ""
  @Argument(help: "The query; empty for everything.") var query: String

  private var facetNames: [String] { facets.split(separator: ",").map(String.init) }

  func validate() throws {
    if why != nil, explain || json { throw ValidationError("--why goes with neither --explain nor --json") }
    guard (1...500).contains(limit) else { throw ValidationError("--limit takes 1 to 500") }
    guard SearchSort(rawValue: sort) != nil else {
      throw ValidationError("--sort takes \(SearchSort.allCases.map(\.rawValue).joined(separator: ", "))")
    }
    if let complaint = SearchFacets.complaint(about: facetNames) { throw ValidationError("--facets \(complaint)") }
  }

  func run() async throws {
    if let why { return try await common.run(.why(user: user, query: query, message: why)) }
    try await common.run(
      .search(user: user, query: query, sort: sort, limit: limit, facets: facetNames, isJSON: json, explains: explain))
  }
}

struct ReindexCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "reindex",
    abstract: "Rebuild the index beside the living one and swap it in.",
    discussion: """
      Search and receipt go on meanwhile. Stopped or killed, it resumes when run again. Ends with \
      reindexed=N users=N seconds=S bytes=B.
      """)

  @OptionGroup var common: CommonOptions
  @Option(help: "Only this user's mailbox.") var user: String?
  @Flag(help: "Every mailbox (the default).") var all = false
  @Option(help: "Shards rebuilt at once.") var jobs = 1
  @Flag(help: "Parse every original again instead of using the extracted texts.") var fromSource = false
  @Flag(help: "Change over to the analyzers of search.analyzers, without a server.") var adoptAnalyzers = false

  func validate() throws {
    if user != nil && adoptAnalyzers { throw ValidationError("--adopt-analyzers makes the whole index anew") }
    if user != nil && all { throw ValidationError("--user and --all exclude each other") }
    guard (1...64).contains(jobs) else { throw ValidationError("--jobs takes 1 to 64") }
  }

  func run() async throws {
    try await common.run(
      .reindex(user: user, jobs: jobs, isFromSource: fromSource), adoptsAnalyzers: adoptAnalyzers)
  }
}

struct StatsCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "stats", abstract: "Show sizes, counts and queue depths.")

  @OptionGroup var common: CommonOptions
  @Option(help: "Only this user's mailbox.") var user: String?

  func run() async throws { try await common.run(.stats(user: user)) }
}

struct VerifyCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "verify",
    abstract: "Check every checksum, that rows and index agree, and that no stored original is missing.",
    discussion: """
      Exit code 1 when something is wrong, with a line for each finding. Changes nothing, unless --repair asks for it: then \
      damaged files of the index are moved to the folder "quarantine" beside them, never deleted, and what they held is made \
      anew of the extracted texts or the originals, while searches and receipt go on; lines that begin with "repaired:" tell \
      what was done, and what is still wrong follows.
      """)

  @OptionGroup var common: CommonOptions
  @Flag(help: "Mend the index where it is damaged.") var repair = false

  func run() async throws { try await common.run(.verify(repairs: repair)) }
}
