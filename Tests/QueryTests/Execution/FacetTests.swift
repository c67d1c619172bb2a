import Bytes
import Index
import Query
import TestSupport
import Testing

@Suite struct FacetTests {
  let mailbox: Mailbox

  init() throws { mailbox = try Mailbox() }

  private func facet(
    _ name: FacetName, of query: String = "", limit: Int = 20, deadline: SearchDeadline = .never
  ) throws -> FacetCounts {
    let result = try mailbox.searcher.search(
      parseQuery(query).root, in: mailbox.snapshot, context: mailbox.context, limit: 1,
      facets: FacetRequest([name], limit: limit), deadline: deadline)
    return try #require(result.facets.first)
  }

  private func counts(_ name: FacetName, of query: String = "") throws -> [String] {
    try facet(name, of: query).values.map { "\($0.value) \($0.count)" }
  }

  /// Puts all mail so far into segments.
  private func invert(fully: Bool = false) throws {
    try mailbox.index.flush()
    let keys = mailbox.snapshot.attributes.live.docIDs.map(mailbox.snapshot.attributes.key)
    let source = CompactionSource { _ in keys }
    while try mailbox.index.compact(source) {}
    if fully { while try mailbox.index.compact(source, .onePart) {} }
  }

  @Test func `every facet counts all hits, not those of the page`() throws {
    for number in 1...40 {
      mailbox.add(
        "budget \(number)", from: (number % 2 == 0 ? "Al" : nil, number % 4 == 0 ? "AL@x.example" : "bo@x.example"),
        at: Int64(number) * 86_400_000, folder: number % 10 == 0 ? 4 : 1, size: UInt64(number) * 1_000,
        labels: number % 8 == 0 ? ["todo"] : []
      ) { $0.kinds = number % 5 == 0 ? [FileKinds(.pdf), FileKinds(.image)] : [] }
    }
    mailbox.add("other")
    for step in 0..<3 {
      if step > 0 { try invert(fully: step == 2) }
      #expect(try counts(.from, of: "budget") == ["bo@x.example 30", "al@x.example 10"])
      #expect(try facet(.from, of: "budget").values.map(\.name) == [nil, "Al"], "as the newest has it")
      #expect(try counts(.folder, of: "budget") == ["1 36", "4 4"])
      #expect(try facet(.folder, of: "budget").values.map(\.name) == ["Inbox", "Work/Bills 2024"])
      #expect(try counts(.month, of: "budget") == ["1970-01 30", "1970-02 10"])
      #expect(try counts(.label, of: "budget") == ["todo 5"])
      #expect(try counts(.type, of: "budget") == ["image 8", "pdf 8"])
      #expect(try counts(.size, of: "budget") == ["10K-100K 30", "0-10K 10"])
      #expect(try counts(.size, of: "nothing") == [])
      #expect(try mailbox.search("budget has:pdf").total == 8)
      #expect(try mailbox.search("sender:Al@X.example").total == 10)
    }
  }

  @Test func `the limit keeps the values with most hits and tells how many others there are`() throws {
    for number in 1...60 { mailbox.add(from: (nil, "a\(number % 10)@x.example"), at: Int64(number)) }
    mailbox.add(from: (nil, "a3@x.example"))
    try invert()
    mailbox.add(from: (nil, "a7@x.example"))
    mailbox.add(from: (nil, "new@x.example"))
    let facet = try facet(.from, limit: 3)
    #expect(facet.values.map { "\($0.value) \($0.count)" } == ["a3@x.example 7", "a7@x.example 7", "a0@x.example 6"])
    #expect(facet.otherCount == 8)
  }

  @Test func `addresses that differ in the composition of a letter are two, in segments as before`() throws {
    mailbox.add(from: (nil, "jos\u{E9}@x.example"))
    mailbox.add(from: (nil, "jose\u{301}@x.example"))
    for step in 0..<2 {
      if step > 0 { try invert() }
      #expect(try facet(.from).values.map(\.count) == [1, 1])
      #expect(try mailbox.search(QueryNode.sender("jos\u{E9}@x.example")).total == 1)
    }
  }

  @Test func `a mail without a sender has none to be counted`() throws {
    mailbox.add { $0.from = [] }
    mailbox.add(from: ("Al", ""))
    mailbox.add()
    #expect(try counts(.from) == ["alice@example.com 1"])
    #expect(try mailbox.search(QueryNode.sender("")).total == 0)
  }

  @Test(arguments: [-11, 0, 9])
  func `months begin where the user's days do`(hours: Int) throws {
    mailbox.context = SearchContext(folders: mailbox.context.folders, now: mailbox.context.now) { day in
      Timestamp(rawValue: Int64(day) * 86_400_000 - Int64(hours) * 3_600_000)
    }
    let march = 59 * 86_400_000 - hours * 3_600_000
    for moment in [march - 1, march, march + 1, -1_000_000_000_000] { mailbox.add("mail", at: Int64(moment)) }
    let expected = ["1970-03 2", "1938-04 1", "1970-02 1"]
    #expect(try counts(.month) == expected, "by the order")
    #expect(try counts(.month, of: "mail") == expected)
    #expect(try counts(.month, of: "mail -on:1938") == ["1970-03 2", "1970-02 1"])
    #expect(try mailbox.search("on:1970-03").total == 2)
  }

  @Test func `dates that no query can name are in no month`() throws {
    for moment in [Int64.min, -70_000_000_000_000, 300_000_000_000_000, Int64.max, 0] { mailbox.add(at: moment) }
    #expect(try counts(.month) == ["1970-01 1"])
    #expect(try counts(.month, of: "from:alice") == ["1970-01 1"])
  }

  @Test func `labels that differ in case only are one`() throws {
    mailbox.add(labels: ["Todo"])
    mailbox.add(labels: ["todo"])
    mailbox.add(labels: ["Todo", "todo", "other"])
    #expect(try counts(.label) == ["Todo 3", "other 1"])
    #expect(try mailbox.search("label:Todo").total == 3)
  }

  @Test func `facets of filters alone read no text`() throws {
    for number in 1...50 { mailbox.add("mail \(number)", at: Int64(number)) }
    try invert()
    let result = try mailbox.searcher.search(
      parseQuery("is:unread").root, in: mailbox.snapshot, context: mailbox.context,
      facets: FacetRequest([.folder, .month, .label, .size]))
    #expect(result.total == 50 && result.recordsRead == 0)
    #expect(result.facets.map(\.name) == [.folder, .month, .label, .size])
  }

  @Test func `columns answer for what is in segments, and no record is read`() throws {
    for number in 1...50 { mailbox.add("a mail \(number)", at: Int64(number)) { $0.kinds = [FileKinds(.pdf)] } }
    try invert()
    for (query, sort) in [("", SortOrder.from), ("has:pdf", .newestFirst), ("sender:alice@example.com", .largestFirst)]
    {
      let result = try mailbox.searcher.search(
        parseQuery(query).root, in: mailbox.snapshot, context: mailbox.context, sort: sort,
        facets: FacetRequest([.type]))
      #expect(result.total == 50 && result.recordsRead == 0, "\(query)")
    }
    // Each subject is longer than what the column has of it, and all begin so.
    let subjects = try mailbox.search("", sort: .subject, limit: 3)
    #expect(subjects.documents.map(\.rawValue) == [1, 10, 11] && subjects.recordsRead > 0)
  }

  @Test func `the deadline holds while facets are counted`() throws {
    for number in 1...64 { mailbox.add("mail \(number)") }
    let counter = LockedCounter()
    _ = try facet(.from, of: "is:unread", deadline: SearchDeadline { counter.next() < 0 })
    let looks = counter.next() - 1
    #expect(looks >= 4, "at the facet's begin, and every 16 records")
    for last in 1..<looks {
      let again = LockedCounter()
      let error = #expect(throws: SearchError.self) {
        try facet(.from, of: "is:unread", deadline: SearchDeadline { again.next() >= last })
      }
      #expect(error?.code == .deadlineExceeded)
    }
  }

  @Test(arguments: [false, true])
  func `no facet counts another user's mail`(isInverted: Bool) throws {
    let other = try Mailbox(user: 2, index: mailbox.index)
    for number in 1...40 {
      mailbox.add("xyzzy", from: ("Xyzzy", "xyzzy@x.example"), labels: ["xyzzy"]) { $0.kinds = [FileKinds(.audio)] }
      other.add("plain \(number)")
    }
    if isInverted { try invertBoth(other) }
    let result = try other.searcher.search(
      .all, in: other.snapshot, context: other.context, facets: FacetRequest(FacetName.allCases))
    let values = Dictionary(uniqueKeysWithValues: result.facets.map { ($0.name, $0.values.map(\.value)) })
    #expect(values[.from] == ["alice@example.com"] && values[.label] == [] && values[.type] == [])
    #expect(result.facets.allSatisfy { facet in facet.values.allSatisfy { $0.count <= 40 } && facet.otherCount == 0 })
    #expect(try other.search("sender:xyzzy@x.example").total == 0)
  }

  private func invertBoth(_ other: Mailbox) throws {
    try mailbox.index.flush()
    let snapshots = [mailbox.user: mailbox.snapshot.attributes, other.user: other.snapshot.attributes]
    let keys = snapshots.mapValues { attributes in attributes.live.docIDs.map(attributes.key) }
    while try mailbox.index.compact(CompactionSource { keys[$0] ?? [] }) {}
  }
}
