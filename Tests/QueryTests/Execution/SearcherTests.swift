import Bytes
import Index
import Query
import TestSupport
import Testing

@Suite struct SearcherTests {
  let mailbox: Mailbox

  init() throws { mailbox = try Mailbox() }

  @Test(
    arguments: [
      (.newestFirst, [4, 3, 1, 2]), (.oldestFirst, [2, 1, 3, 4]), (.largestFirst, [2, 4, 3, 1]),
      (.smallestFirst, [1, 4, 3, 2]), (.from, [3, 4, 1, 2]), (.subject, [2, 4, 3, 1]),
    ] as [(SortOrder, [UInt32])])
  func `each order is kept, the newest first among equals`(sort: SortOrder, expected: [UInt32]) throws {
    mailbox.add("zebra", from: ("Bob", "z@example.com"), at: 20, size: 10)
    mailbox.add("Re: apple", from: (nil, "zoe@example.com"), at: 10, size: 30)
    mailbox.add("AW: Re: Banana", from: ("alice", "x@example.com"), at: 30, size: 20)
    mailbox.add("banana", from: ("BOB", "y@example.com"), at: 30, size: 20)
    #expect(try mailbox.hits("", sort: sort) == expected)
    var pages: [UInt32] = []
    var cursor: String?
    repeat {
      let page = try mailbox.search("", sort: sort, limit: 1, cursor: cursor)
      #expect(page.total == 4)
      pages += page.documents.map(\.rawValue)
      cursor = page.nextCursor
    } while cursor != nil
    #expect(pages == expected)
  }

  @Test func `spam and trash appear only when asked for`() throws {
    mailbox.add("budget", folder: 1)
    mailbox.add("budget", folder: 2)
    mailbox.add("budget", folder: 3)
    mailbox.add("budget", folder: 4)
    #expect(try mailbox.hits("budget") == [4, 1])
    #expect(try mailbox.hits("budget in:spam") == [2])
    #expect(try mailbox.hits("in:trash") == [3])
    #expect(try mailbox.hits("budget in:anywhere") == [4, 3, 2, 1])
    #expect(try mailbox.hits("budget -in:spam") == [4, 1])
    #expect(try mailbox.hits("in:\"work/bills 2024\"") == [4])
    let unknown = try mailbox.search("budget in:nowhere")
    #expect(unknown.documents.isEmpty && unknown.warnings.count == 1)
  }

  @Test func `words of different values never form a phrase`() throws {
    mailbox.add { record in
      record.to = [.init(name: "Ann", address: "ann@example.com"), .init(name: "Lee", address: "lee@example.org")]
      record.attachmentTexts = ["first", "second"].map { .init(filename: nil, text: $0) }
      record.attachmentNames = ["one.pdf", "two.pdf"]
    }
    #expect(try mailbox.hits("to:\"ann lee\"") == [])
    #expect(try mailbox.hits("\"first second\"") == [])
    #expect(try mailbox.hits("filename:\"pdf two\"") == [])
    #expect(try mailbox.hits("to:lee first \"two pdf\"") == [1])
  }

  @Test func `to covers To, Cc and Bcc; cc and bcc only their own`() throws {
    mailbox.add { $0.to = [.init(name: nil, address: "ann@example.com")] }
    mailbox.add { $0.cc = [.init(name: nil, address: "ann@example.com")] }
    mailbox.add { $0.bcc = [.init(name: nil, address: "ann@example.com")] }
    #expect(try mailbox.hits("to:ann") == [3, 2, 1])
    #expect(try mailbox.hits("cc:ann") == [2])
    #expect(try mailbox.hits("bcc:example.com") == [3])
  }

  @Test(
    arguments: [
      ("r & d", [1]), ("&", []), ("? !", []), ("-?", []), ("{? !}", []), ("d OR (? !)", [1]), ("d OR -?", [1]),
      ("after:1969 &", [2, 1]), ("after:2024 &", []), ("in:inbox &", [2, 1]), ("-(d ?)", [2]), ("r -(? !)", [2, 1]),
      ("subject:(& r)", [2, 1]), ("is:unread (? OR !)", [2, 1]), ("on:1970 -?", [2, 1]),
      ("\"...\" in:anywhere", [2, 1]),
    ] as [(String, [UInt32])])
  func `punctuation asks nothing beside other words and finds nothing alone`(query: String, expected: [UInt32]) throws {
    mailbox.add("R & D")
    mailbox.add("R")
    let result = try mailbox.search(query)
    #expect(result.documents.map(\.rawValue) == expected && result.total == expected.count)
    #expect(result.warnings.isEmpty == !query.contains { "&?!.".contains($0) })
  }

  @Test(arguments: 61...64 as ClosedRange<UInt64>)
  func `leaving out words of punctuation changes no answer`(seed: UInt64) throws {
    var random = RandomMail(generator: SeededGenerator(seed: seed))
    for _ in 0..<20 {
      let record = random.record()
      mailbox.add(folder: random.pick([1, 2, 4])) { $0 = record }
    }
    for round in 0..<200 {
      let query = random.query()
      let searched = random.sprinkled(query)
      let answer = try mailbox.hits(searched)
      #expect(try answer == mailbox.hits(query), "seed \(seed), round \(round): \(searched)")
      #expect(try mailbox.hits(random.punctuation()) == [], "seed \(seed), round \(round)")
    }
  }

  @Test func `warnings tell where the words stand`() throws {
    let warnings = try mailbox.search("budget in:nowhere & label:重要！ label:\"a b\"").warnings
    #expect(warnings.map(\.position).sorted() == [10, 18, 26, 36])
    #expect(warnings.contains { $0.message.contains("重要！") } && warnings.contains { $0.message.contains("nowhere") })
  }

  @Test func `a label is found by the characters it was given`() throws {
    mailbox.add("one", labels: ["重要！"])
    mailbox.add("two", labels: ["重要!"])
    #expect(try mailbox.hits("label:重要！") == [1])
    #expect(try mailbox.hits("label:\"重要！\"") == [1])
    #expect(try mailbox.hits("label：重要!") == [2])
    #expect(try mailbox.search("label:重要！").warnings.isEmpty)
  }

  @Test func `accents, addresses and begun words are found as the page says`() throws {
    mailbox.add("résumé", from: (nil, "josé@example.com"))
    mailbox.add("resume INV-2024", from: ("'bob@example.com' via Team", "info@müller.de"))
    mailbox.add("invoice", from: (nil, "_bob@example.com"))
    mailbox.add("ขอทำงานวันจันทร์", from: (nil, "bobby@example.com"))
    try mailbox.index.flush()
    #expect(try mailbox.hits("resumé") == [1])
    #expect(try mailbox.hits("résum*") == [1])
    #expect(try mailbox.hits("resume") == [2, 1])
    #expect(try mailbox.hits("from:jose@example.com") == [1])
    #expect(try mailbox.hits("from:muller.de") == [2])
    #expect(try mailbox.hits("from:bob@example.com") == [2])
    #expect(try mailbox.hits("from:bob@*") == [2])
    #expect(try mailbox.hits("from:bob*") == [4, 3, 2])
    #expect(try mailbox.hits("INV-*") == [2])
    #expect(try mailbox.hits("inv*") == [3, 2])
    #expect(try mailbox.hits("ทำงาน") == [4])
  }

  @Test func `a rare word is found by reading its record only`() throws {
    for number in 1...200 { mailbox.add("mail \(number)", body: "some text number\(number)") }
    try mailbox.index.flush()
    let result = try mailbox.search("number77")
    #expect(result.documents.map(\.rawValue) == [77] && result.total == 1)
    #expect(result.recordsRead <= 2)
  }

  @Test func `a live document without a record is an error, not a hit that is missing`() throws {
    mailbox.add("budget")
    let lost = DocumentAttributes(
      receivedAt: Timestamp(rawValue: 5), folder: FolderID(rawValue: 1), flags: [], labels: [], size: 1, thread: 2)
    mailbox.apply(.setAttributes(mailbox.user, DocID(rawValue: 2), lost))
    let error = #expect(throws: IndexError.self) { try mailbox.search("budget") }
    #expect(error?.code == .missingRecord)
    #expect(try mailbox.hits("is:unread") == [2, 1])
  }

  @Test func `a search past its deadline is a clear error`() throws {
    for number in 1...40 { mailbox.add("mail \(number)") }
    let clock = SteppingClock()
    let error = #expect(throws: SearchError.self) {
      try mailbox.search("m*", deadline: SearchDeadline(after: .milliseconds(2), on: clock))
    }
    #expect(error?.code == .deadlineExceeded)
  }

  @Test func `the deadline is looked at while one long text is read, and while a query is bound`() throws {
    func looks(_ query: String, bodyWords: Int) throws -> Int64 {
      let mailbox = try Mailbox()
      // In ASCII alone it would not be taken apart, as there is no z in it.
      mailbox.add(body: String(repeating: "x ", count: bodyWords) + "é")
      let counter = LockedCounter()
      _ = try mailbox.search(query, deadline: SearchDeadline { counter.next() < 0 })
      return counter.next() - 1
    }
    #expect(try looks("x", bodyWords: 300_000) == looks("x", bodyWords: 1), "the first x ends the walk")
    #expect(try looks("body:z*", bodyWords: 300_000) >= looks("body:z*", bodyWords: 1) + 4)
    #expect(try looks("a b c d e f g h", bodyWords: 1) >= 16)
  }

  @Test func `a search past its deadline ends inside a text`() throws {
    mailbox.add(body: String(repeating: "x ", count: 300_000) + "é")
    let counter = LockedCounter()
    _ = try mailbox.search("body:z*", deadline: SearchDeadline { counter.next() < 0 })
    let looks = counter.next() - 1
    let again = LockedCounter()
    let error = #expect(throws: SearchError.self) {
      try mailbox.search("body:z*", deadline: SearchDeadline { again.next() >= looks - 1 })
    }
    #expect(error?.code == .deadlineExceeded)
  }

  @Test(
    arguments: [
      ("a \"\(words(1_023))\"", nil), ("a \"\(words(1_024))\"", 2), ("\(words(1_023)) \"b c\"", 2_046),
      ("a OR subject:(-\"\(words(1_100))\")", 15), ("a \(String(repeating: "회", count: 2_000))", 2),
    ] as [(String, Int?)])
  func `a query may have 1,024 words with those of its phrases, and no more`(query: String, position: Int?) throws {
    guard let position else {
      #expect(try mailbox.hits(query) == [])
      return
    }
    let error = #expect(throws: QueryError.self) { try mailbox.search(query) }
    #expect(error?.position == position && error?.expected == "fewer words")
  }

  static func words(_ count: Int) -> String { Array(repeating: "a", count: count).joined(separator: " ") }

  @Test(arguments: [false, true])
  func `a secret word of one user is found by no other`(isFlushed: Bool) throws {
    let others = try (2...5).map { try Mailbox(user: $0, index: mailbox.index) }
    mailbox.add("xyzzysecret", body: "xyzzysecret")
    for other in others { other.add("plain") }
    if isFlushed { try mailbox.index.flush() }
    #expect(try mailbox.hits("xyzzysecret") == [1])
    for query in ["xyzzysecret", "xyzzy*", "subject:xyzzysecret OR body:xyzzysecret", "\"xyzzysecret\""] {
      for other in others {
        let result = try other.search(query)
        #expect(result.total == 0 && result.documents.isEmpty, "\(query)")
      }
    }
    mailbox.apply(.removeUser(mailbox.user))
    try mailbox.index.flush()
    for other in others { #expect(try other.search("xyzzysecret").total == 0) }
  }
}

/// Each look at it finds a millisecond gone.
private final class SteppingClock: WallClock {
  private let time = LockedCounter()
  func now() -> Timestamp { Timestamp(rawValue: time.next()) }
}
