import Analysis
import Bytes
import MailStore
import Mailboxes
import Query
import TestSupport
import Testing

@testable import Ingest

/// The golden queries, asked of the golden mailbox as it comes in by an import: real mail, parsed, extracted, indexed.
@Suite(.timeLimit(.minutes(10))) struct GoldenSearchTests {
  private let golden: GoldenSet

  init() throws { golden = try GoldenSet() }

  /// Wednesday, 2024-06-12, 12:00 UTC: what the queries call today.
  private static let noon = FixedClock(moment: Timestamp(rawValue: 1_718_193_600_000))

  /// Those of `search.stemming` unless it is set.
  private static let stemming = StemmingLanguages([.english, .russian, .greek, .arabic, .hindi, .tamil, .armenian])

  @Test func `queries are many, have names of their own, and name mails that exist`() {
    #expect(golden.queries.count >= 300)
    #expect(Set(golden.queries.map(\.id)).count == golden.queries.count)
    #expect(Set(golden.queries.map { Array($0.text.utf8) }).count == golden.queries.count)
    for query in golden.queries {
      guard case .mails(let names) = query.answer else { continue }
      #expect(names.subtracting(golden.mails) == [], "\(query.id)")
    }
  }

  @Test(arguments: [false, true])
  func `every query finds exactly what it must, in mail that has just arrived and in segments`(
    isReindexed: Bool
  ) async throws {
    try await withMailbox { engine in
      if isReindexed { try await reindex(engine) }
      for query in golden.queries { check(query, try await answer(to: query, engine)) }
    }
  }

  @Test func `what a reader would mark is marked`() async throws {
    #expect(golden.highlights.count >= 50)
    try await withMailbox { engine in
      for expected in golden.highlights { check(expected, try await marked(expected, engine)) }
    }
  }

  // MARK: The mailbox

  private func withMailbox(_ body: (TestEngine) async throws -> Void) async throws {
    try await withTemporaryDirectory { directory in
      var options = TestEngine.Options()
      options.timeOfDay = Self.noon
      options.stemming = Self.stemming
      try await TestEngine.open(directory + "/data", options) { engine in
        let imported = try await engine.importer().run(
          user: TestEngine.alice, paths: [golden.mailbox], folder: nil
        ) { _ in }
        #expect(imported.imported == golden.mails.count && imported.failed == 0)
        try await body(engine)
      }
    }
  }

  private func reindex(_ engine: TestEngine) async throws {
    let reindexer = Reindexer(
      mailboxes: engine.mailboxes, extractor: engine.extractor, threads: engine.threads, isBusy: { false })
    let result = try await reindexer.run(user: nil, jobs: 1, isFromSource: false) { _ in }
    #expect(result.messages == golden.mails.count)
  }

  // MARK: Answers

  private func answer(to query: GoldenQuery, _ engine: TestEngine) async throws -> GoldenQuery.Answer {
    do {
      let found = try await engine.found(query.text)
      return .mails(Set(found.map { Self.name(of: $0) ?? "a mail without a name" }))
    } catch is QueryError {
      return .refused
    }
  }

  /// The field that this is about; empty where the mail is no hit.
  private func marked(_ highlight: GoldenHighlight, _ engine: TestEngine) async throws -> String {
    let request = SearchRequest(
      query: try parseQuery(highlight.query).root, sort: .newestFirst, limit: 500, cursor: nil, wantsTotal: false,
      wantsHighlights: true, minimumSequence: nil, waitForQueue: .zero, deadline: .now + .seconds(300))
    let hits = try await engine.mailboxes.search(TestEngine.alice, request).hits
    let hit = hits.first { Self.name(of: $0.message) == highlight.mail }
    return hit?.highlights.map(highlight.text) ?? ""
  }

  private static func name(of message: NamedMessage) -> String? {
    GoldenSet.name(ofMessageID: message.row.summary.messageID)
  }

  // MARK: Comparing

  private func check(_ query: GoldenQuery, _ answer: GoldenQuery.Answer) {
    if let known = query.known {
      #expect(answer != query.answer, "\(query.id), \(query.text), is answered as it must be: no longer \(known)")
    } else {
      #expect(
        answer == query.answer,
        "\(query.id), \(query.text) (\(query.reason)): expected \(query.answer), found \(answer)")
    }
  }

  private func check(_ highlight: GoldenHighlight, _ text: String) {
    let isThere = text.contains(highlight.marked)
    if let known = highlight.known {
      #expect(!isThere, "\(highlight.id), \(highlight.query), is marked as it must be: no longer \(known)")
    } else {
      #expect(
        isThere,
        "\(highlight.id), \(highlight.query) (\(highlight.reason)): expected \(highlight.marked), found \(text)")
    }
  }
}
