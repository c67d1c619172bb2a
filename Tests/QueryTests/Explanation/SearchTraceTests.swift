import Bytes
import Index
import Query
import TestSupport
import Testing

@Suite struct SearchTraceTests {
  private let mailbox: Mailbox

  init() throws { mailbox = try Mailbox() }

  private func compact(_ count: UInt32) throws {
    try mailbox.index.flush()
    let source = CompactionSource { _ in
      (1...count).map { DocumentKey(receivedAt: Timestamp(rawValue: Int64($0)), docID: DocID(rawValue: $0)) }
    }
    while try mailbox.index.compact(source) {}
  }

  private func explain(_ query: String, limit: Int = 20, wantsTotal: Bool = true) throws -> [String] {
    let trace = SearchTrace(parsing: .microseconds(7), clock: StepClock())
    let query = try parseQuery(query).root
    let traced = try mailbox.searcher.search(
      query, in: mailbox.snapshot, context: mailbox.context, limit: limit, wantsTotal: wantsTotal, trace: trace)
    let plain = try mailbox.searcher.search(
      query, in: mailbox.snapshot, context: mailbox.context, limit: limit, wantsTotal: wantsTotal)
    #expect(traced == plain)
    return trace.lines
  }

  @Test func `the explanation says what was planned, opened, decoded, skipped and read`() throws {
    for number in 1...700 { mailbox.add("all \(number % 2 == 0 ? "even" : "odd")") }
    try compact(700)
    for number in 0..<2 { mailbox.add("all pending \(number)") }
    let lines = try explain("all").map { line in
      line.replacing(/bytes=[0-9]+/) { _ in "bytes=#" }.replacing(/[0-9]+\.seg/) { _ in "#.seg" }
    }
    #expect(
      lines == [
        "plan",
        "  all: all in subject, from, to, cc, bcc, body, filename, attachment",
        "  answered from text",
        "slices",
        "  segment #.seg, 700 documents, 18 of the page",
        "    postings of all, 700 documents",
        "    lists=1 blocks_decoded=1 blocks_skipped=0 list_bytes=# dictionary_blocks=1 dictionary_bytes=# pages=1",
        "    records=0 record_bytes=#",
        "  pending, 2 documents, 2 of the page",
        "    verified in the text, 2 documents, to be checked",
        "      driver: set all, 2 documents",
        "    records=2 record_bytes=#",
        "read",
        "  lists=1 blocks_decoded=1 blocks_skipped=0 list_bytes=# dictionary_blocks=1 dictionary_bytes=# pages=1",
        "  records=2 record_bytes=#",
        "  20 shown, 702 hits in all",
        "time",
        "  parse_us=7 analyze_us=10 bind_us=10 page_us=10 count_us=10 total_us=47",
      ])
  }

  @Test func `the rarest word leads, filters stand as sets, and slices that were not needed were not opened`() throws {
    for number in 1...300 { mailbox.add("common \(number % 50 == 0 ? "rare" : "x") \(number)") }
    try compact(300)
    let lines = try explain("common rare after:1970-01-01 is:unread", limit: 2)
    #expect(lines.contains { $0.hasSuffix("driver: postings of rare, 6 documents") })
    #expect(lines.contains { $0.hasSuffix("  postings of common, 300 documents") })
    #expect(lines.contains { $0.contains("filter by 1 sets") })
    #expect(lines.contains("    is:unread: set of 300 documents"))
    #expect(lines.contains("  received from 1970-01-01T00:00:00Z"))
    for number in 0..<10 { mailbox.add("common \(number)", at: 1_000 + Int64(number)) }
    let few = try explain("common", limit: 2, wantsTotal: false)
    #expect(few.contains { $0.hasPrefix("  segment") && $0.hasSuffix(": not opened") })
  }

  @Test func `a query of filters alone opens nothing`() throws {
    for number in 1...40 { mailbox.add("mail \(number)", folder: number % 2 == 0 ? 1 : 4) }
    let lines = try explain("in:inbox")
    #expect(lines.contains("    in:inbox: set of 20 documents") || lines.contains("  in:inbox: set of 20 documents"))
    #expect(lines.contains("  answered from sets alone: no posting is read"))
    #expect(!lines.contains("slices"))
    #expect(lines.contains("  20 shown, 20 hits in all"))
  }

  @Test(arguments: 1...3 as ClosedRange<UInt64>)
  func `an explained search answers as a plain one, and counts the records that it read`(seed: UInt64) throws {
    var world = try World(seed: seed)
    for step in 0..<120 {
      try world.act()
      guard step % 4 == 0 else { continue }
      let user = world.random.pick(World.users)
      let query = world.random.query()
      let snapshot = try world.snapshot(user)
      let trace = SearchTrace(parsing: .zero)
      let traced = try world.searcher.search(query, in: snapshot, context: world.model.context, limit: 5, trace: trace)
      let plain = try world.searcher.search(query, in: snapshot, context: world.model.context, limit: 5)
      #expect(traced == plain, "seed \(seed), step \(step): \(query)")
      let sums = trace.lines.filter { $0.hasPrefix("  records=") }
      #expect(sums.count == 1 && sums[0].hasPrefix("  records=\(plain.recordsRead) "), "seed \(seed): \(query)")
    }
  }
}

/// Ten microseconds later at each look.
private final class StepClock: MonotonicClock {
  private let looks = LockedCounter()

  func elapsed() -> Duration { .microseconds(10) * Int(looks.next()) }
}
