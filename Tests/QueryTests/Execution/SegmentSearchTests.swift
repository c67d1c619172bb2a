import Analysis
import Bytes
import Index
import Query
import TestSupport
import Testing

/// Searches over segments: what differs from a mailbox whose mail is all pending.
@Suite struct SegmentSearchTests {
  private static let user = UserID(rawValue: 1)
  private static let spam = FolderID(rawValue: 2)

  private let analyzers: AnalyzerSet
  private let searcher: Searcher
  private let index: ShardIndex
  private var mails: [UInt32: (attributes: DocumentAttributes, record: ExtractedTextRecord)] = [:]
  private var sequence: UInt64 = 0

  init() throws {
    analyzers = try AnalyzerSet.builtIn()
    searcher = Searcher(analyzers: analyzers, cursorSecret: [UInt8](repeating: 7, count: 32))
    var options = IndexOptions()
    options.compaction.pendingMails = 1
    options.compaction.inversionByteCount = 120_000
    index = try ShardIndex.open(
      fileSystem: CrashableFileSystem(), directory: "index", analyzers: analyzers, options: options)
  }

  private mutating func add(
    _ docID: UInt32, _ subject: String, body: String = "", folder: FolderID = FolderID(rawValue: 1),
    isStarred: Bool = false
  ) {
    var record = ExtractedTextRecord()
    record.subject = subject
    record.body = body
    let attributes = DocumentAttributes(
      receivedAt: Timestamp(rawValue: Int64(docID) * 86_400_000), folder: folder, flags: isStarred ? [.isStarred] : [],
      labels: [], size: 100, thread: 1)
    mails[docID] = (attributes, record)
    apply(.add(Self.user, DocID(rawValue: docID), attributes, EncodedRecord.make(record, analyzers)))
  }

  private mutating func remove(_ docID: UInt32) {
    mails[docID] = nil
    apply(.remove(Self.user, DocID(rawValue: docID)))
  }

  private mutating func apply(_ mutation: IndexMutation) {
    sequence += 1
    let number = SequenceNumber(rawValue: sequence)
    index.apply([mutation], shardSequence: number, userSequences: [Self.user: number])
  }

  private func compact() throws {
    try index.flush()
    let mails = mails
    let source = CompactionSource { _ in
      mails.map { DocumentKey(receivedAt: $1.attributes.receivedAt, docID: DocID(rawValue: $0)) }
    }
    while try index.compact(source) {}
  }

  private func reload() {
    index.unload(Self.user)
    index.load(
      Self.user, attributes: mails.map { (DocID(rawValue: $0), $1.attributes) },
      userSequence: SequenceNumber(rawValue: sequence))
  }

  private func search(
    _ query: String, limit: Int = 50, cursor: String? = nil, deadline: SearchDeadline = .never
  ) throws -> SearchResult {
    let folders = [
      SearchFolder(id: FolderID(rawValue: 1), name: "Inbox", role: "inbox"),
      SearchFolder(id: Self.spam, name: "Spam", role: "spam"),
    ]
    let context = SearchContext(folders: folders, now: Timestamp(rawValue: 100 * 86_400_000))
    return try searcher.search(
      try parseQuery(query).root, in: try #require(index.snapshot(Self.user)), context: context, limit: limit,
      cursor: cursor, deadline: deadline)
  }

  private func found(_ query: String) throws -> [UInt32] { try search(query).documents.map(\.rawValue) }

  private func pages(_ query: String, limit: Int) throws -> [UInt32] {
    var all: [UInt32] = []
    var cursor: String?
    repeat {
      let page = try search(query, limit: limit, cursor: cursor)
      all += page.documents.map(\.rawValue)
      cursor = page.nextCursor
    } while cursor != nil && all.count < 1_000
    return all
  }

  @Test func `a deleted mail in a segment moves no window, page or order after the user is loaded anew`() throws {
    var tests = self
    for docID in 1...20 as ClosedRange<UInt32> { tests.add(docID, "word", isStarred: docID % 7 == 0) }
    try tests.compact()
    for docID in 21...40 as ClosedRange<UInt32> { tests.add(docID, "word", isStarred: docID % 7 == 0) }
    try tests.compact()
    tests.reload()
    for docID in [40, 39, 30, 29, 28, 20, 10, 1] as [UInt32] {
      tests.remove(docID)
      tests.reload()
      let live = tests.mails.keys.sorted(by: >)
      #expect(try tests.found("word") == live)
      #expect(try tests.search("word").total == live.count)
      for limit in [1, 3, 7] { #expect(try tests.pages("word", limit: limit) == live) }
      for day in 1...41 {
        let date = CivilDate.text(ofDay: day)
        #expect(try tests.found("word after:\(date)") == live.filter { $0 >= day }, "after day \(day)")
        #expect(try tests.search("word before:\(date)").total == live.count { $0 < day }, "before day \(day)")
      }
      let starred = live.filter { $0 % 7 == 0 }
      #expect(try tests.found("word is:starred") == starred)
      #expect(try tests.found("is:starred OR nothing") == starred)
      #expect(try tests.found("word -is:starred") == live.filter { $0 % 7 != 0 })
    }
  }

  @Test func `totals by field are exact with and without a page before them, dead documents, spam and windows`() throws
  {
    var tests = self
    for docID in 1...900 as ClosedRange<UInt32> {
      // In the subject of a third, in the body of a half.
      let body = docID % 2 == 0 ? "plan" : "other"
      tests.add(docID, docID % 3 == 0 ? "plan" : "none", body: body)
    }
    try tests.compact()
    tests.reload()
    for round in 0..<2 {
      let live = tests.mails.keys
      for (query, divisor) in [("subject:plan", 3), ("body:plan", 2)] as [(String, UInt32)] {
        let own = live.filter { $0 % divisor == 0 && tests.mails[$0]?.attributes.folder != Self.spam }
          .sorted(by: >)
        for limit in [1, 7, 1_000] {
          let page = try tests.search(query, limit: limit)
          #expect(page.total == own.count)
          #expect(page.documents.map(\.rawValue) == Array(own.prefix(limit)))
          guard let cursor = page.nextCursor else { continue }
          #expect(try tests.search(query, limit: limit, cursor: cursor).total == own.count)
        }
        let date = CivilDate.text(ofDay: 300)
        #expect(try tests.search("\(query) before:\(date)").total == own.count { $0 < 300 })
        #expect(try tests.search("\(query) after:\(date)").total == own.count { $0 >= 300 })
      }
      if round == 1 { break }
      // Beside mail in no segment, newer and older, the part holds a hit that no page has taken when it is counted.
      for docID in [901, 902, 0] as [UInt32] { tests.add(docID, "plan", body: "plan") }
      for (query, count) in [("subject:plan", 303), ("body:plan", 453)] as [(String, Int)] {
        for limit in [1, 2, 3, 4, 7, 1_000] { #expect(try tests.search(query, limit: limit).total == count) }
      }
      for docID in [901, 902, 0, 3, 450, 899, 900] as [UInt32] { tests.remove(docID) }
      tests.add(903, "plan", body: "plan", folder: Self.spam)
      try tests.compact()
      tests.reload()
    }
  }

  @Test func `totals are exact with spam, dead documents and windows, for words, prefixes and several words`() throws {
    var tests = self
    for docID in 1...700 as ClosedRange<UInt32> {
      let subject = "all w\(docID % 2) p\(docID % 300) \(docID % 3 == 0 ? "third" : "")"
      tests.add(docID, subject, folder: docID % 50 == 0 ? Self.spam : FolderID(rawValue: 1))
    }
    try tests.compact()
    tests.reload()
    for round in 0..<2 {
      let live = tests.mails.filter { $1.attributes.folder != Self.spam }.keys.map { Int($0) }
      #expect(try tests.search("all").total == live.count)
      #expect(try tests.search("all in:anywhere").total == tests.mails.count)
      #expect(try tests.search("p*").total == live.count)
      #expect(try tests.search("w1 third").total == live.count { $0 % 2 == 1 && $0 % 3 == 0 })
      #expect(try tests.search("w1 OR third").total == live.count { $0 % 2 == 1 || $0 % 3 == 0 })
      #expect(try tests.search("all -third").total == live.count { $0 % 3 != 0 })
      for day in [64, 65, 128, 129, 500, 700] {
        let date = CivilDate.text(ofDay: day)
        #expect(try tests.search("all before:\(date)").total == live.count { $0 < day })
        #expect(try tests.search("p* after:\(date)").total == live.count { $0 >= day })
        #expect(try tests.search("in:anywhere all after:\(date)").total == tests.mails.keys.count { $0 >= day })
      }
      if round == 0 { for docID in [700, 64, 128, 127, 1] as [UInt32] { tests.remove(docID) } }
    }
  }

  @Test func `a total asks for no text of a mail that is no more`() throws {
    var tests = self
    for docID in 1...12 as ClosedRange<UInt32> {
      tests.add(docID, docID == 5 ? "cafe" : "Café au lait")
      if docID == 6 { try tests.compact() }
    }
    try tests.compact()
    tests.remove(3)
    tests.reload()
    let mails = tests.mails
    let source = CompactionSource { _ in
      mails.map { DocumentKey(receivedAt: $1.attributes.receivedAt, docID: DocID(rawValue: $0)) }
    }
    // Its record goes with the merge of runs; its postings stay until segments are merged.
    for _ in 0..<2 { #expect(try index.compact(source, .oneRun)) }
    for query in ["café", "\"café au\"", "café*", "café lait", "lait -resumé", "café -lait", "café OR résumé"] {
      let expected = query == "café -lait" ? 0 : 10
      #expect(try tests.search(query, limit: 1).total == expected, "\(query)")
      #expect(try tests.found(query).count == expected, "\(query)")
    }
  }

  @Test func `phrases are found in segments as they are in pending mail`() throws {
    var tests = self
    let long = (0..<40).map { "n\($0)" }.joined(separator: " ")
    let subjects = [
      "the quick brown fox", "quick the brown", "the quick", "Café au lait", "cafe au lait", "the the the quick",
      "brown fox quick the quick brown", long, long.replacing("n20", with: "x"),
    ]
    for (number, subject) in subjects.enumerated() { tests.add(UInt32(number + 1), subject, body: "fox. " + subject) }
    var record = ExtractedTextRecord()
    record.to = [.init(name: "the", address: "quick@example.com")]
    let docID = UInt32(subjects.count + 1)
    tests.add(docID, "people")
    tests.mails[docID]?.record = record
    tests.apply(.replaceRecord(Self.user, DocID(rawValue: docID), EncodedRecord.make(record, analyzers)))
    tests.reload()
    let queries = [
      "\"the quick\"", "\"quick brown\"", "\"the the\"", "\"the the the\"", "\"the quick the\"", "\"café au\"",
      "\"cafe au\"",
      "subject:\"fox quick\"", "body:\"fox the\"", "subject:\"fox the\"", "\"\(long)\"", "the-qui*", "a-n*",
      "\"quick example\"",
      "to:\"the quick\"", "-\"the quick\"", "\"the quick\" OR \"au lait\"",
    ]
    let pending = try queries.map { try tests.found($0) }
    try tests.compact()
    for (query, expected) in zip(queries, pending) {
      let found = try tests.found(query)
      #expect(found == expected, "\(query)")
    }
    #expect(pending[0] == [7, 6, 3, 1])
    #expect(pending[10] == [8])
    #expect(pending[14] == [])
  }

  @Test func `a word thousands of times in a mail costs bounded memory and changes no answer`() throws {
    var tests = self
    let many = String(repeating: "again ", count: 17_000)
    tests.add(1, "long", body: many + "at last the end")
    tests.add(2, "long", body: "again at last")
    tests.add(3, "long", body: many + many)
    for docID in 4...8 as ClosedRange<UInt32> { tests.add(docID, "short", body: many + "middle \(docID)") }
    try tests.compact()
    tests.reload()
    #expect(tests.index.statistics().segmentDocuments == 8)
    #expect(try tests.found("again") == [8, 7, 6, 5, 4, 3, 2, 1])
    #expect(try tests.found("\"again at last\"") == [2, 1])
    #expect(try tests.found("\"again middle\"") == [8, 7, 6, 5, 4])
    #expect(try tests.found("\"again middle 6\"") == [6])
    #expect(try tests.found("\"again again again\"") == [8, 7, 6, 5, 4, 3, 1])
    #expect(try tests.index.verify() == [])
    for query in [
      "filename:again", "filename:\"again pdf\"", "word -filename:again", "body:again", "list:again", "subject:again",
    ] {
      tests.add(100, "word", body: many)
      var record = try #require(tests.mails[100]).record
      record.attachmentNames = ["again.pdf"]
      record.listID = "again.example.org"
      tests.mails[100]?.record = record
      tests.apply(.replaceRecord(Self.user, DocID(rawValue: 100), EncodedRecord.make(record, analyzers)))
      let expected = try tests.found(query)
      try tests.compact()
      #expect(try tests.found(query) == expected, "\(query)")
      tests.remove(100)
    }
    // Nor when parts are merged.
    let mails = tests.mails
    let source = CompactionSource { _ in
      mails.map { DocumentKey(receivedAt: $1.attributes.receivedAt, docID: DocID(rawValue: $0)) }
    }
    #expect(try tests.index.compact(source, .onePart))
    #expect(try tests.found("\"again at last\"") == [2, 1])
    #expect(try tests.found("\"again middle 6\"") == [6])
  }

  @Test func `parts of words and words with a letter wrong are found in segments as in pending mail`() throws {
    var tests = self
    let subjects = [
      "budget", "budgets 2024", "the_lord_of_rings", "회의록 결과", "Überweisung", "ueberweisung", "INV-2024/0017", "week's",
      "weeks", "résumé", "a", "alice@example.com",
    ]
    for (number, subject) in subjects.enumerated() { tests.add(UInt32(number + 1), subject) }
    tests.reload()
    let queries = [
      "*udge*", "*dget*", "*d_of*", "*회의*", "*의*", "*weis*", "*über*", "*2024*", "*ample.c*", "*zz*", "budgte~",
      "bugdte~", "bdugte~2",
      "weks~", "resume~", "resme~", "회의~", "inv-2024~", "lord~1", "lrod~1", "xxbudgetxx~2", "-*udge*", "subject:*udge*",
      "from:*udge*",
    ]
    let pending = try queries.map { try tests.found($0) }
    try tests.compact()
    for (query, expected) in zip(queries, pending) {
      let found = try tests.found(query)
      #expect(found == expected, "\(query)")
    }
    #expect(pending[0] == [2, 1])
    #expect(pending[2] == [3])
    #expect(pending[10] == [1])
    #expect(pending[13] == [9])
    #expect(try tests.search("회의~").warnings.count == 1)
    #expect(try tests.search("budgte~").warnings.isEmpty)
  }

  @Test func `a search that is past its deadline within one phrase is a clear error`() throws {
    var tests = self
    let text = String(repeating: "a b ", count: 4_000)
    for docID in 1...60 as ClosedRange<UInt32> { tests.add(docID, "long", body: text) }
    try tests.compact()
    tests.reload()
    let looks = LockedCounter()
    let error = #expect(throws: SearchError.self) {
      _ = try tests.search("\"a b a b a a\"", deadline: SearchDeadline { looks.next() > 6 })
    }
    #expect(error?.code == .deadlineExceeded)
  }

  @Test func `a snapshot is kept while nothing changes and made anew after each kind of change`() throws {
    var tests = self
    for docID in 1...40 as ClosedRange<UInt32> { tests.add(docID, "word") }
    tests.reload()
    var last = try #require(tests.index.snapshot(Self.user))
    #expect(tests.index.snapshot(Self.user) === last)
    func changed(_ what: Comment) throws {
      let next = try #require(tests.index.snapshot(Self.user))
      #expect(next !== last, what)
      #expect(tests.index.snapshot(Self.user) === next, what)
      last = next
    }
    tests.add(41, "word")
    try changed("an added mail")
    tests.apply(.setAttributes(Self.user, DocID(rawValue: 1), try #require(tests.mails[1]).attributes))
    try changed("changed attributes")
    tests.remove(2)
    try changed("a removed mail")
    let number = SequenceNumber(rawValue: tests.sequence + 1)
    tests.index.apply([], shardSequence: number, userSequences: [Self.user: number])
    try changed("a sequence alone")
    #expect(last.userSequence == number)
    try tests.index.flush()
    try changed("a flush")
    try tests.compact()
    try changed("a segment")
    tests.reload()
    try changed("loading anew")
    #expect(try tests.found("word").count == 40)
  }
}

/// Days of 1970, from 0.
private enum CivilDate {
  private static let lengths = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]

  static func text(ofDay day: Int) -> String {
    var (year, month, rest) = (1970, 0, day)
    while rest >= lengths[month] + (month == 1 && year % 4 == 0 ? 1 : 0) {
      rest -= lengths[month] + (month == 1 && year % 4 == 0 ? 1 : 0)
      month += 1
      if month == 12 { (year, month) = (year + 1, 0) }
    }
    let (twoMonth, twoDay) = (month < 9 ? "0\(month + 1)" : "\(month + 1)", rest < 9 ? "0\(rest + 1)" : "\(rest + 1)")
    return "\(year)-\(twoMonth)-\(twoDay)"
  }
}
