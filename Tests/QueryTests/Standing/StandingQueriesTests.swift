import Analysis
import Bytes
import Foundation
import Index
import Query
import TestSupport
import Testing

/// Standing queries: which of them a mail that arrives matches, and how few of them are asked.
@Suite struct StandingQueriesTests {
  private static let user = UserID(rawValue: 1)

  /// Queries that stand, by the place at which they were given, and mails that are held against them.
  private struct World {
    let analyzers: AnalyzerSet
    var context = SearchContext(
      folders: RandomMail.folders, now: Timestamp(rawValue: 40 * 21_600_000), thread: { UInt32($0) })
    var queries = StandingQueries()

    init(_ texts: [String] = [], stemming: StemmingLanguages = StemmingLanguages([.english])) throws {
      analyzers = try AnalyzerSet.builtIn(stemming: stemming)
      for (number, text) in texts.enumerated() { try insert(parseQuery(text).root, as: UInt64(number)) }
    }

    mutating func insert(_ query: QueryNode, as number: UInt64) throws {
      queries.insert(try StandingQuery(query, analyzers), as: number)
    }

    func matches(
      _ record: ExtractedTextRecord, _ attributes: DocumentAttributes? = nil, docID: UInt32 = 5, asksAll: Bool = false,
      deadline: SearchDeadline = .never
    ) throws -> StandingMatches {
      let usual = DocumentAttributes(
        receivedAt: Timestamp(rawValue: 39 * 21_600_000), folder: FolderID(rawValue: 1), flags: [], labels: [],
        size: 100, thread: 1)
      let mail = ArrivedMail(
        user: StandingQueriesTests.user, docID: DocID(rawValue: docID), attributes: attributes ?? usual,
        record: EncodedRecord.make(record, analyzers))
      return try queries.matches(mail, analyzers, asksAll: asksAll, deadline: deadline) { context }
    }
  }

  private func mail(_ subject: String, body: String = "", _ change: (inout ExtractedTextRecord) -> Void = { _ in })
    -> ExtractedTextRecord
  {
    var record = ExtractedTextRecord()
    record.subject = subject
    record.from = [.init(name: "Alice Example", address: "alice@mail.example.com")]
    record.body = body
    record.messageID = "1@example.com"
    change(&record)
    return record
  }

  // MARK: The search's own meaning

  /// `MAILDEX_RANDOM_SEEDS` as in `SearchMetamorphicTests`.
  private static let seeds: ClosedRange<UInt64> = {
    let ends = (ProcessInfo.processInfo.environment["MAILDEX_RANDOM_SEEDS"] ?? "1-4").split(separator: "-")
      .compactMap { UInt64($0) }
    return ends[0]...ends[1]
  }()

  @Test(arguments: seeds)
  func `a mail matches exactly those queries whose search right after finds it`(seed: UInt64) throws {
    var random = RandomMail(generator: SeededGenerator(seed: seed))
    var world = try World(
      stemming: seed % 2 == 0 ? [] : StemmingLanguages([.english, .german, .french]))
    var queries: [UInt64: QueryNode] = [:]
    let model = SearchModel(analyzers: world.analyzers, context: world.context)
    let index = try indexed(world.analyzers)
    let searcher = Searcher(analyzers: world.analyzers, cursorSecret: Mailbox.secret)
    for number in 1...40 {
      // Some queries come, some change, some go between two mails.
      for _ in 0..<4 {
        let place = UInt64.random(in: 0..<60, using: &random.generator)
        if random.chance(15) {
          queries[place] = nil
          world.queries.remove(place)
        } else {
          let query = random.query()
          queries[place] = query
          try world.insert(query, as: place)
        }
      }
      let mail = SearchModel.Mail(attributes: random.attributes(), record: random.record())
      let docID = DocID(rawValue: UInt32(number))
      let found = try world.matches(mail.record, mail.attributes, docID: docID.rawValue)
      #expect(found.isComplete && found.askedCount <= queries.count)
      let all = try world.matches(mail.record, mail.attributes, docID: docID.rawValue, asksAll: true)
      #expect(all.queries == found.queries, "seed \(seed), mail \(number): what is asked leaves some out")
      #expect(all.askedCount == queries.count)

      let sequence = SequenceNumber(rawValue: UInt64(number))
      index.apply(
        [.add(Self.user, docID, mail.attributes, EncodedRecord.make(mail.record, world.analyzers))],
        shardSequence: sequence, userSequences: [Self.user: sequence])
      let snapshot = try #require(index.snapshot(Self.user))
      for (place, query) in queries {
        let isFound = try searcher.search(query, in: snapshot, context: world.context, limit: 500).documents
          .contains(docID)
        #expect(found.queries.contains(place) == isFound, "seed \(seed), mail \(number): \(query)")
        #expect(isFound == !model.search(query, [docID: mail], .newestFirst).isEmpty, "seed \(seed): \(query)")
      }
    }
  }

  private func indexed(_ analyzers: AnalyzerSet) throws -> ShardIndex {
    let index = try ShardIndex.open(fileSystem: CrashableFileSystem(), directory: "index", analyzers: analyzers)
    index.load(Self.user, attributes: [], userSequence: .zero)
    return index
  }

  @Test func `folders, flags, labels, dates and sizes are those of the mail as it arrives`() throws {
    let world = try World([
      "in:inbox", "is:unread", "label:todo", "newer_than:2d", "older_than:2d", "larger:50", "budget -in:inbox",
      "has:attachment", "on:1970-01-10",
    ])
    let mail = mail("budget")
    #expect(try world.matches(mail).queries == [0, 1, 3, 5, 8])
    let attributes = DocumentAttributes(
      receivedAt: Timestamp(rawValue: 0), folder: FolderID(rawValue: 4), flags: [.isRead, .hasAttachment],
      labels: ["Todo"], size: 10, thread: 1)
    #expect(try world.matches(mail, attributes).queries == [2, 4, 6, 7])
  }

  @Test func `spam is announced only to who asks for it`() throws {
    let world = try World(["budget", "budget in:spam", "budget in:anywhere", "budget in:inbox"])
    let spam = DocumentAttributes(
      receivedAt: Timestamp(rawValue: 0), folder: FolderID(rawValue: 2), flags: [], labels: [], size: 10, thread: 1)
    #expect(try world.matches(mail("Budget"), spam).queries == [1, 2])
  }

  @Test func `an id that names another message is not this one's, whatever its Message-ID says`() throws {
    var world = try World(["id:1@example.com", "id:2@example.com"])
    #expect(try world.matches(mail("x")).queries == [0])
    world.context = SearchContext(
      folders: RandomMail.folders, now: Timestamp(rawValue: 0),
      message: { $0 == "1@example.com" ? DocID(rawValue: 2) : nil })
    #expect(try world.matches(mail("x")).queries == [])
  }

  @Test func `a query that asks nothing matches nothing`() throws {
    let world = try World(["?!", "(? OR -&)", ""])
    #expect(try world.matches(mail("x")).queries == [2])
  }

  // MARK: What is asked

  @Test(arguments: [
    // One word that must be there tells, whatever else is asked.
    ("budget", true), ("budget report", true), ("\"quarterly budget\"", true), ("budget -lunch", true),
    ("budget in:inbox newer_than:2d", true), ("budg*", true), ("from:bob@example.com", true), ("subject:budget", true),
    ("budget OR report", true), ("(a OR b) (c OR lunch)", true), ("budget *port*", true), ("id:7@example.com", true),
    ("budget AROUND(3) *port*", true), ("회의록", true), ("meetings", true), ("résumé", true),
    // Nothing tells.
    ("*udge*", false), ("budgte~", false), ("-budget", false), ("is:unread", false), ("budget OR *port*", false),
    ("budget OR is:unread", false), ("has:pdf", false), ("sender:bob@example.com", false), ("", false),
    ("ㅎㅇㄹ", false), ("-(budget OR report)", false),
  ])
  func `a query is asked of every mail only where no word tells`(query: String, isSelective: Bool) throws {
    let world = try World([query])
    #expect(try world.matches(mail("nothing of it", body: "at all")).askedCount == (isSelective ? 0 : 1), "\(query)")
    #expect((world.queries.dues == 0) == isSelective)
  }

  @Test func `of thousands of queries few are asked`() throws {
    func name(_ number: Int) -> String {
      "project" + String(String(10_000 + number).utf8.map { Character(UnicodeScalar($0 + 49)) }) + "zq"
    }
    let world = try World((0..<2_000).map { "subject:\(name($0)) from:alice report" })
    let matches = try world.matches(mail("The report of \(name(77))", body: "about \(name(1_234))"))
    #expect(matches.queries == [77])
    #expect(matches.askedCount == 2)
  }

  @Test func `of several words the longest tells`() throws {
    let world = try World(["a of quarterly in"])
    #expect(try world.matches(mail("a of in")).askedCount == 0)
    #expect(try world.matches(mail("quarterly")).askedCount == 1)
  }

  @Test func `a query that is removed or replaced is not asked any more`() throws {
    var world = try World(["budget", "budg*", "*udge*", "report OR budget"])
    #expect(try world.matches(mail("budget")).queries == [0, 1, 2, 3])
    for number in 0..<3 { world.queries.remove(UInt64(number)) }
    world.queries.remove(17)
    try world.insert(parseQuery("lunch").root, as: 3)
    #expect(try world.matches(mail("budget")).askedCount == 0)
    #expect(try world.matches(mail("lunch")).queries == [3])
    world.queries.remove(3)
    #expect(world.queries.isEmpty && world.queries.dues == 0 && world.queries.wordCount == 0)
  }

  @Test func `forms of a word are found by their beginning, and only those are`() throws {
    let world = try World(["meeting", "\"meeting\""])
    #expect(try world.matches(mail("we met; they meet")).queries == [0])
    #expect(try world.matches(mail("a meeting")).queries == [0, 1])
    #expect(try world.matches(mail("metres")).askedCount == 0)
  }

  @Test func `header fields are read once for all queries that ask them, and where no word spares it`() throws {
    let reads = Locked(0)
    var world = try World([
      "header:x-mailer", "header:x-mailer:outlook", "header:x-mailer:mutt", "-header:list-id",
      "budget header:x-mailer:outlook", "budget -header:x-mailer",
    ])
    world.context = SearchContext(
      folders: RandomMail.folders, now: Timestamp(rawValue: 40 * 21_600_000),
      headers: { _ in
        reads.withLock { $0 += 1 }
        return [HeaderEntry(name: "X-Mailer", value: "Microsoft Outlook 16.0")]
      })
    #expect(try world.matches(mail("lunch")).queries == [0, 1, 3])
    #expect(try world.matches(mail("lunch")).askedCount == 4)
    #expect(reads.withLock { $0 } == 2)
    // Those that its words choose and those that are always asked read it together.
    #expect(try world.matches(mail("budget")).queries == [0, 1, 3, 4])
    #expect(reads.withLock { $0 } == 3)
    var words = try World(["budget header:x-mailer"])
    words.context = world.context
    reads.withLock { $0 = 0 }
    #expect(try words.matches(mail("lunch")).askedCount == 0)
    #expect(reads.withLock { $0 } == 0)
  }

  @Test func `a header is not read where the rest of a query fails, and an unreadable one fails no other`() throws {
    var world = try World(["header:x-mailer is:starred", "-header:x-mailer larger:1M", "header:x-mailer", "lunch"])
    let reads = Locked(0)
    world.context = SearchContext(
      folders: RandomMail.folders, now: Timestamp(rawValue: 40 * 21_600_000),
      headers: { _ in
        reads.withLock { $0 += 1 }
        throw UnreadHeader(cause: SearchError(code: .deadlineExceeded, message: "the disk"))
      })
    let matches = try world.matches(mail("lunch"))
    #expect(matches.queries == [3] && matches.askedCount == 4)
    #expect(!matches.isComplete && matches.isInTime && matches.unreadHeader != nil)
    #expect(reads.withLock { $0 } == 1)
  }

  // MARK: Bounds

  @Test func `a query of more words than may stand is refused`() throws {
    let analyzers = try AnalyzerSet.builtIn()
    func standing(_ count: Int, _ text: (Int) -> String) throws -> StandingQuery {
      try StandingQuery(parseQuery((0..<count).map(text).joined(separator: " ")).root, analyzers)
    }
    let limit = StandingQuery.Limits.words
    let longest = try standing(limit) { "word\($0)" }
    #expect(longest.wordCount == limit)
    #expect(throws: QueryError.self) { try standing(limit + 1) { "word\($0)" } }
    #expect(throws: QueryError.self) { try standing(limit + 1) { "larger:\($0)" } }
    #expect(throws: QueryError.self) { try standing(limit / 2 + 1) { "header:x-mailer:\"word\($0) other\"" } }
    #expect(throws: QueryError.self) {
      try StandingQuery(.text(field: nil, TextQuery(.phrase, String(repeating: "a ", count: limit + 1))), analyzers)
    }
  }

  @Test func `past the deadline no more are asked, and it is told`() throws {
    let world = try World(["budget", "*udge*"])
    let matches = try world.matches(mail("budget"), deadline: SearchDeadline { true })
    #expect(matches.queries == [])
    #expect(!matches.isComplete)
    let none = try World([]).matches(mail("budget"), deadline: SearchDeadline { true })
    #expect(none.isComplete)
  }
}
