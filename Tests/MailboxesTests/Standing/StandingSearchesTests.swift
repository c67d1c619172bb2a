import Analysis
import Bytes
import Index
import MailStore
import Query
import TestSupport
import Testing

@testable import Mailboxes

/// Mail that arrives is announced to the saved searches that it matches, once, by the commit that brings it.
@Suite(.timeLimit(.minutes(30))) struct StandingSearchesTests {
  @Test func `a mail that arrives is announced by the searches that notify and match`() async throws {
    try await Door.open { door in
      let budget = try await door.stand("budget")
      try await door.stand("from:eve@example.net")
      let loud = try await door.stand("is:unread")
      _ = try await door.mailboxes.createSearch(Door.alice, name: "quiet", query: "budget", notifies: false)
      let id = try await door.store("The budget")
      let changes = try await door.changes().suffix(2)
      #expect(changes.map(\.kind) == [.messageAdded, .messageMatched])
      // One number for the mail, the next for what it matches.
      #expect(changes.map(\.sequence.rawValue) == [11, 12])
      #expect(changes.last?.searches.sorted() == [budget, loud].sorted())
      #expect(changes.last?.messageID == id)
      let inbox = try await door.folder(.inbox).row.id
      #expect(changes.last?.folder == inbox)
      try await door.store(Letter(subject: "read", flags: [.read]))
      #expect(try await door.changes().last?.kind == .messageAdded)
      #expect(try await door.announced(to: Door.bob) == [:])
      try await door.audit([Door.alice])
    }
  }

  @Test func `a write answers a number that holds what was announced`() async throws {
    try await Door.open { door in
      try await door.stand("budget")
      guard case .stored(_, let sequence) = try await door.deliver(Letter(subject: "budget")) else {
        Issue.record("not stored")
        return
      }
      #expect(try await door.changes().last?.sequence == sequence)
      #expect(try await door.search("budget", minimum: sequence).total == 1)
    }
  }

  @Test func `imported mail is not announced`() async throws {
    try await Door.open { door in
      try await door.stand("budget")
      try await door.store(Letter(subject: "budget", skipsKnownContent: true))
      #expect(try await door.announced() == [:])
      #expect(try await door.found("budget") == ["budget"])
    }
  }

  @Test func `a queue item that is delivered again is not announced again`() async throws {
    try await Door.open { door in
      try await door.stand("budget")
      try await door.store(Letter(subject: "budget", item: 7))
      _ = try await door.deliver(Letter(subject: "budget", item: 7))
      #expect(try await door.announced() == ["budget": ["budget"]])
      try await door.crashed(.dropped) { door in
        _ = try await door.deliver(Letter(subject: "budget", item: 7))
        #expect(try await door.announced() == ["budget": ["budget"]])
      }
    }
  }

  @Test func `a search is asked as it is at the moment`() async throws {
    try await Door.open { door in
      try await door.store("budget 0")
      let id = try await door.stand("budget")
      try await door.store("budget 1")
      let mailboxes = door.mailboxes
      _ = try await mailboxes.updateSearch(Door.alice, id, SavedSearchUpdate(name: "lunch", query: "lunch"))
      try await door.store("budget 2")
      try await door.store("lunch 3")
      _ = try await mailboxes.updateSearch(Door.alice, id, SavedSearchUpdate(notifies: false))
      try await door.store("lunch 4")
      _ = try await mailboxes.updateSearch(Door.alice, id, SavedSearchUpdate(notifies: true))
      try await door.store("lunch 5")
      let other = try await door.stand("subject:lunch")
      try await door.store("lunch 6")
      _ = try await mailboxes.deleteSearch(Door.alice, id)
      try await door.store("lunch 7")
      _ = try await mailboxes.deleteSearch(Door.alice, other)
      try await door.store("lunch 8")
      #expect(
        try await door.announced() == [
          "budget 1": ["gone"], "lunch 3": ["gone"], "lunch 5": ["gone"], "lunch 6": ["gone", "gone"],
          "lunch 7": ["gone"],
        ])
      try await door.audit([Door.alice])
    }
  }

  @Test func `in one batch the mail behind a new search is announced, and none before it`() async throws {
    try await Door.open { door in
      try await door.store("first")
      let results = await door.inOneBatch(
        { _ = try await door.store("budget 1") }, { _ = try await door.stand("budget") },
        { _ = try await door.store("budget 2") })
      #expect(results.map(\.isSuccess) == [true, true, true])
      #expect(try await door.announced() == ["budget 2": ["budget"]])
    }
  }

  @Test func `a search of a batch that was rolled back announces nothing`() async throws {
    try await Door.open { door in
      try await door.stand("lunch")
      try await door.store("lunch 1")
      let shard = door.shard
      let refused = try await refusal {
        try await shard.perform { transaction in
          _ = try transaction.createSearch("budget", query: "budget", notifies: true, of: Door.alice)
          throw MailboxError(.conflict, "half-way")
        }
      }
      #expect(refused == .conflict)
      try await door.store("lunch and budget")
      #expect(try await door.announced() == ["lunch 1": ["lunch"], "lunch and budget": ["lunch"]])
      try await door.audit([Door.alice])
    }
  }

  @Test func `what was announced is there after a crash, whichever view lacked it`() async throws {
    try await Door.open { door in
      try await door.stand("budget")
      try await door.store("budget 1")
      door.shard.maintain()
      try await door.store("budget 2")
      try await door.crashed(.dropped) { door in
        #expect(try await door.announced() == ["budget 1": ["budget"], "budget 2": ["budget"]])
        try await door.store("budget 3")
        #expect(try await door.announced().count == 3)
        try await door.audit([Door.alice])
      }
    }
  }

  @Test func `folders and threads are those of the commit that brings the mail`() async throws {
    try await Door.open { door in
      try await door.stand("in:Work")
      try await door.stand("in:nowhere OR label:urgent")
      try await door.store(Letter(subject: "one", labels: ["Urgent"], destination: .named("Work")))
      // The thread of the first becomes part of the second's by the third mail.
      let first = try await door.store(Letter(subject: "a"))
      let second = try await door.store(Letter(subject: "b"))
      try await door.stand("thread:\(first)")
      try await door.stand("thread:\(second)")
      try await door.store(Letter(subject: "c", references: ["a", "b"]))
      let announced = try await door.announced()
      #expect(announced["one"]?.count == 2)
      #expect(announced["c"]?.sorted() == ["thread:\(first)", "thread:\(second)"].sorted())
      #expect(try await door.found("thread:\(second)").count == 3)
    }
  }

  @Test func `header fields and the trace are asked as the mail arrives`() async throws {
    try await Door.open { door in
      try await door.stand("header:subject:budget")
      try await door.stand("header:received:mx.example.com")
      try await door.stand("-header:x-mailer")
      try await door.store(Letter(subject: "budget", trace: "Received: from a by mx.example.com\r\n"))
      try await door.store(Letter(subject: "lunch", body: "budget"))
      #expect(
        try await door.announced().mapValues(Set.init) == [
          "budget": ["header:subject:budget", "header:received:mx.example.com", "-header:x-mailer"],
          "lunch": ["-header:x-mailer"],
        ])
      #expect(try await door.found("header:received:mx.example.com") == ["budget"])
    }
  }

  @Test func `a mail whose header cannot be read is stored, and announced by what does not ask it`() async throws {
    try await Door.open { door in
      try await door.stand("header:subject lunch")
      try await door.stand("budget")
      let missing = BlobReference(pack: 4_000, offset: 64, byteCount: 10)
      _ = try await door.mailboxes.deliver(
        Letter(subject: "budget lunch").message(storedAt: missing, Door.analyzers), to: Door.alice)
      try await door.store("lunch")
      #expect(try await door.announced() == ["budget lunch": ["budget"], "lunch": ["header:subject lunch"]])
    }
  }

  @Test func `words have forms in the mailbox's languages, as they have in a search`() async throws {
    var options = Door.Options()
    options.detectsLanguages = true
    try await Door.open(options) { door in
      try await door.stand("Haus")
      for number in 0..<40 {
        // So few mails have no language, and then those in memory tell it.
        let text = "und das ist nicht eine Frage, auch mit \(number == 5 ? "Häusern" : "Worten") wird es besser"
        try await door.store(Letter(subject: "n\(number)", body: text))
      }
      #expect(try await door.announced() == [:])
      try await door.store(Letter(subject: "first", body: "in den Häusern"))
      #expect(try await door.announced() == ["first": ["Haus"]])
      door.shard.maintain()
      try door.shard.compact()
      try await door.store(Letter(subject: "forms", body: "in den Häusern"))
      #expect(try await door.found("Haus").first == "forms")
      #expect(try await door.announced() == ["first": ["Haus"], "forms": ["Haus"]])
      // Saved from here on, and changed, they have them too; another mailbox's have not.
      try await door.stand("Baum")
      try await door.stand("Baum", for: Door.bob)
      let letter = Letter(subject: "trees", body: "unter den Bäumen")
      try await door.store(letter)
      try await door.store(letter, to: Door.bob)
      #expect(try await door.announced() == ["first": ["Haus"], "forms": ["Haus"], "trees": ["Baum"]])
      #expect(try await door.announced(to: Door.bob) == [:])
      // And after a restart, before anybody searches; where the index is damaged, in the settings' languages.
      try await door.reopened { door in
        try await door.store(Letter(subject: "later", body: "vor den Häusern"))
        #expect(try await door.announced()["later"] == ["Haus"])
      }
    }
  }

  /// Their first page, which holds all of a small part.
  private func damageSegments(of door: Door) throws {
    let directory = door.path + "/shards/00/index"
    for name in try door.files.list(directory) where name.hasSuffix(".seg") {
      let path = "\(directory)/\(name)"
      let file = try door.files.open(path, .readWrite)
      try file.write([try door.files.readFile(path)[60] ^ 1], at: 60)
      try file.syncData()
    }
  }

  @Test func `where a segment is damaged mail is stored and announced, and searches are saved, in batches with others`()
    async throws
  {
    var options = Door.Options()
    options.detectsLanguages = true
    try await Door.open(options) { door in
      for number in 0..<40 {
        let text = "und das ist nicht eine Frage, auch mit Häusern wird es besser"
        try await door.store(Letter(subject: "n\(number)", body: text))
      }
      door.shard.maintain()
      try door.shard.compact()
      try damageSegments(of: door)
      try await door.reopened { door in
        let results = await door.inOneBatch(
          { _ = try await door.stand("budget") }, { _ = try await door.store("budget 1", to: Door.bob) },
          { _ = try await door.store("budget 2") })
        #expect(results.map(\.isSuccess) == [true, true, true])
        let announced = try await door.announced()
        #expect(announced == ["budget 2": ["budget"]])
      }
    }
  }

  @Test func `where the time is up the mail is stored, and announced by those that were asked`() async throws {
    var options = Door.Options()
    options.matchingTime = .zero
    try await Door.open(options) { door in
      try await door.stand("budget")
      try await door.store("budget")
      #expect(try await door.found("budget") == ["budget"])
      #expect(try await door.announced() == [:])
      let statistics = door.shard.writer.standingStatistics
      #expect(statistics.mails == 1 && statistics.cutShort == 1 && statistics.matched == 0)
    }
  }

  @Test func `what asking costs is counted`() async throws {
    try await Door.open { door in
      try await door.stand("budget")
      try await door.stand("*unch*")
      for subject in ["budget", "lunch", "nothing"] { try await door.store(Letter(subject: subject)) }
      try await door.store("budget", to: Door.bob)
      let statistics = door.shard.writer.standingStatistics
      #expect(statistics.mails == 3 && statistics.asked == 4 && statistics.matched == 2 && statistics.cutShort == 0)
      #expect(statistics.time > .zero)
    }
  }

  @Test func `a poll hears of it`() async throws {
    try await Door.open { door in
      let id = try await door.stand("budget")
      async let heard = door.mailboxes.changes(
        Door.alice, since: SequenceNumber(rawValue: 1), limit: 100, timeout: .seconds(60))
      await waitUntil { door.mailboxes.board.waiterCount(of: Door.alice) == 1 }
      try await door.mailboxes.createMailbox(Door.alice)
      _ = try await heard
      async let next = door.mailboxes.changes(
        Door.alice, since: SequenceNumber(rawValue: 7), limit: 100, timeout: .seconds(60))
      await waitUntil { door.mailboxes.board.waiterCount(of: Door.alice) == 1 }
      try await door.store("budget")
      let changes = try await next
      #expect(changes.map(\.row.kind) == [.messageAdded, .messageMatched])
      #expect(changes.last?.row.searches == [id])
      #expect(changes.last?.thread != nil)
    }
  }

  // MARK: The search's own meaning

  private static let queries = [
    "budget", "lunch -budget", "subject:report", "\"quarterly report\"", "rep*", "*unc*", "budgte~", "is:unread",
    "is:starred OR budget", "in:inbox lunch", "in:spam", "label:work", "from:dan", "from:eve", "newer_than:2d",
    "older_than:3h", "has:pdf", "larger:60", "id:report-lunch@example.net", "(budget OR lunch) (report OR quarterly)",
    "budget in:anywhere", "filename:invoice", "budget AROUND(2) report", "-is:read has:attachment",
  ]
  private static let words = ["budget", "lunch", "report", "quarterly", "launch", "budgets", "reports"]

  private func letter(_ number: Int, _ random: inout SeededGenerator) -> Letter {
    func some(_ count: ClosedRange<Int>) -> String {
      (0..<Int.random(in: count, using: &random)).map { _ in Self.words.randomElement(using: &random)! }
        .joined(separator: " ")
    }
    var letter = Letter(subject: some(0...3) + " m\(number)", body: some(0...6))
    letter.from = ["dan@example.net", "eve@example.net"].randomElement(using: &random)!
    letter.minute = -Int64.random(in: 0..<9_000, using: &random)
    letter.flags = MessageFlags(rawValue: UInt8.random(in: 0..<16, using: &random))
    letter.labels = Bool.random(using: &random) ? ["Work"] : []
    letter.destination = [.role(.inbox), .role(.spam), .role(.trash), .named("Bills")].randomElement(using: &random)!
    letter.fileNames = Bool.random(using: &random) ? ["invoice.pdf"] : []
    return letter
  }

  @Test(arguments: 1...4 as ClosedRange<UInt64>)
  func `what is announced at the commit is what a search right after finds`(seed: UInt64) async throws {
    try await Door.open { door in
      var random = SeededGenerator(seed: seed)
      for query in Self.queries { try await door.stand(query) }
      var expected: [String: [String]] = [:]
      for number in 0..<25 {
        let letter = letter(number, &random)
        try await door.store(letter)
        var matching: [String] = []
        for query in Self.queries {
          if try await door.found(query).contains(letter.subject) { matching.append(query) }
        }
        if !matching.isEmpty { expected[letter.subject] = matching }
      }
      let announced = try await door.announced()
      #expect(announced.mapValues { Set($0) } == expected.mapValues { Set($0) }, "seed \(seed)")
      #expect(Set(expected.values.joined()).count > 15, "too few queries matched to show anything")
      try await door.reopened { door in
        let again = try await door.announced()
        #expect(again == announced, "seed \(seed)")
      }
    }
  }
}
