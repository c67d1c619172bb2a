import Bytes
import Logging
import MailStore
import Testing

@testable import Filter

@Suite(.timeLimit(.minutes(1))) struct FilterChainTests {
  private let clock = TestClock()
  private let mail = Mails.filtered(Mails.text("Hello"))

  private func chain(
    _ filters: [StubFilter], trainers: [any FilterTrainer] = [], _ change: (inout FilterOptions) -> Void = { _ in }
  ) -> FilterChain {
    var options = FilterOptions()
    options.breaker.failures = 2
    options.breaker.firstDelay = .seconds(10)
    change(&options)
    return FilterChain(
      filters: filters, trainers: trainers, options: FilterChainOptions(other: options), clock: clock, logger: .quiet,
      random: { 0 })
  }

  private func finding(
    _ action: FilterAction, _ score: Double = 0, _ symbol: String? = nil, reason: String = "", reply: String? = nil
  ) -> StubFilter.Answer {
    .finding(
      FilterFinding(
        action: action, score: score, symbols: symbol.map { [MailVerdict.Symbol(name: $0, score: score)] } ?? [],
        headers: symbol.map { [FilterHeader(name: "X-\($0)", value: "yes\r\nBcc: eve@example.net")] } ?? [],
        reason: reason, reply: reply))
  }

  @Test func `without filters every mail is delivered without remark`() async throws {
    let chain = chain([])
    #expect(chain.isEmpty)
    let verdict = MailVerdict(action: .deliver, score: 0, symbols: [], by: "")
    #expect(try await chain.check(mail) == FilterVerdict(verdict: verdict))
  }

  @Test func `the worst action counts, scores add up, and symbols and headers follow each other`() async throws {
    let chain = chain([
      StubFilter("a", finding(.spam, 4, "A", reason: "smells")), StubFilter("b", finding(.deliver, -1.5, "B")),
      StubFilter("c", finding(.quarantine, 2, "C", reason: "bites")),
    ])
    let verdict = try await chain.check(mail)
    #expect(
      verdict.verdict
        == MailVerdict(
          action: .quarantine, score: 4.5,
          symbols: [.init(name: "A", score: 4), .init(name: "B", score: -1.5), .init(name: "C", score: 2)],
          by: "a, b, c", reason: "a: smells; c: bites"))
    #expect(verdict.headers.map(\.name) == ["X-A", "X-B", "X-C"])
    #expect(verdict.headers.allSatisfy { $0.value == "yes Bcc: eve@example.net" })
    #expect(!verdict.isRejected && verdict.reply == nil)
  }

  @Test func `a mail that is to be refused is quarantined where that is too late`() async throws {
    let reply = "no\r\n250 ok 메일"
    let verdict = try await chain([StubFilter("a", finding(.reject, reply: reply))]).check(mail)
    #expect(verdict.isRejected && verdict.verdict.action == .quarantine)
    #expect(verdict.reply == "no 250 ok ??")
    #expect(try await chain([StubFilter("a", finding(.reject))]).check(mail).reply == "rejected by policy")
  }

  @Test func `what is known for certain outranks a filter that wants the mail later`() async throws {
    let later = StubFilter.Answer.finding(
      FilterFinding(action: .defer, reason: "greylisted", retryAfter: .seconds(300)))
    let error = await error {
      try await self.chain([StubFilter("a", later), StubFilter("b", self.finding(.spam))]).check(self.mail)
    }
    #expect(error?.code == .deferred && error?.retryAfter == .seconds(300))
    let chain = chain([StubFilter("a", later), StubFilter("b", finding(.quarantine))])
    #expect(try await chain.check(mail).verdict.action == .quarantine)
  }

  @Test func `a filter that cannot be asked puts the mail off, with the longest wait of all`() async throws {
    let chain = chain([
      StubFilter("a", finding(.spam)), StubFilter("b", .error(FilterError(.unreachable, "down"))),
      StubFilter("c", .error(FilterError(.protocolError, "mad", retryAfter: .seconds(500)))),
    ])
    let error = await error { try await chain.check(self.mail) }
    #expect(error == FilterError(.unreachable, "b: down", retryAfter: .seconds(500)))
  }

  @Test func `where the operator says so, mail is delivered without a filter that cannot be asked`() async throws {
    let chain = chain([StubFilter("a", finding(.spam, 3)), StubFilter("b-c", .error(FilterError(.timeout, "slow")))]) {
      $0.onUnavailable = .deliver
    }
    let verdict = try await chain.check(mail).verdict
    #expect(verdict.action == .spam && verdict.by == "a")
    #expect(verdict.symbols == [.init(name: "FILTER_UNAVAILABLE_B_C", score: 0)])
  }

  @Test func `a filter that does not answer in time is cancelled`() async throws {
    let chain = chain([StubFilter("a", .silence)]) { $0.timeout = .milliseconds(10) }
    #expect(await error { try await chain.check(self.mail) }?.code == .timeout)
    #expect(chain.statistics()[0].inFlight == 0)
  }

  @Test func `a caller that goes away takes its questions back, and the filter is not blamed`() async throws {
    let turnstile = Turnstile()
    let filter = StubFilter("a", .when(turnstile, FilterFinding()), .silence)
    let chain = chain([filter]) { $0.breaker.failures = 1 }
    let first = Task { try await chain.check(mail) }
    await turnstile.waitForArrivals(1)
    let second = Task { try await chain.check(mail) }
    second.cancel()
    await #expect(throws: CancellationError.self) { try await second.value }
    await turnstile.open()
    _ = try await first.value
    #expect(chain.statistics()[0].errors == [:])
    #expect(chain.statistics()[0].breaker == .closed)
  }

  @Test func `a filter that fails again and again is left alone, and a probe brings it back`() async throws {
    let down = StubFilter.Answer.error(FilterError(.unreachable, "down"))
    let filter = StubFilter("a", down, down, down, finding(.deliver))
    let other = StubFilter("b", finding(.deliver))
    let chain = chain([filter, other])
    #expect(await error { try await chain.check(self.mail) }?.retryAfter == .seconds(10))
    #expect(await error { try await chain.check(self.mail) }?.retryAfter == .seconds(10))
    clock.advance(by: .seconds(4))
    let refused = await error { try await chain.check(self.mail) }
    #expect(refused?.code == .circuitOpen && refused?.retryAfter == .seconds(6))
    #expect(filter.asked == 2 && other.asked == 2, "nobody is asked about a mail that will come again")
    clock.advance(by: .seconds(6))
    #expect(await error { try await chain.check(self.mail) }?.retryAfter == .seconds(20))
    clock.advance(by: .seconds(20))
    #expect(try await chain.check(mail).verdict.by == "a, b")
    let statistics = chain.statistics()[0]
    #expect(statistics.breaker == .closed && statistics.asked == 4)
    #expect(statistics.errors == [.unreachable: 3, .circuitOpen: 1])
    #expect(statistics.findings == [.deliver: 1])
  }

  @Test func `no more mails are shown to a filter at once than it may have`() async throws {
    let turnstile = Turnstile()
    let chain = chain([StubFilter("a", .when(turnstile, FilterFinding()))]) {
      $0.maxConcurrent = 2
      $0.maxWaiting = 0
    }
    let mails = (0..<2).map { _ in Task { try await chain.check(mail) } }
    await turnstile.waitForArrivals(2)
    #expect(chain.statistics()[0].inFlight == 2)
    #expect(await error { try await chain.check(self.mail) }?.code == .overloaded)
    #expect(chain.statistics()[0].breaker == .closed, "that is no fault of the filter")
    await turnstile.open()
    for mail in mails { _ = try await mail.value }
  }

  @Test func `what a filter makes up is bounded`() async throws {
    let finding = FilterFinding(
      score: .infinity,
      symbols: (0..<1_000).map { .init(name: "S\($0)\n" + String(repeating: "x", count: 200), score: .nan) },
      headers: (0..<100).map { FilterHeader(name: "X-\($0)", value: String(repeating: "ü", count: 5_000)) } + [
        FilterHeader(name: "X Y", value: ""), FilterHeader(name: "Received", value: "from nowhere"),
      ], reason: String(repeating: "r", count: 10_000))
    let verdict = try await chain([StubFilter("a", .finding(finding))]).check(mail)
    #expect(verdict.verdict.score == 1_000_000)
    #expect(verdict.verdict.symbols.count == 500)
    #expect(
      verdict.verdict.symbols.allSatisfy { $0.score == 0 && $0.name.utf8.count <= 128 && !$0.name.contains("\n") })
    #expect(verdict.headers.count == 50 && verdict.headers.allSatisfy { $0.value.utf8.count <= 900 })
    #expect(verdict.verdict.reason.utf8.count <= 512)
    let names = FilterFinding(headers: [
      FilterHeader(name: "Received", value: "x"), FilterHeader(name: "a:b", value: ""),
    ])
    #expect(try await chain([StubFilter("a", .finding(names))]).check(mail).headers == [])
  }

  @Test func `all trainers are told of a report, also behind one that fails`() async throws {
    let good = Trainer("good")
    let chain = chain([], trainers: [Trainer("bad", FilterError(.unreachable, "down")), good])
    let error = await error { try await chain.learn([1], as: .spam) }
    #expect(error == FilterError(.unreachable, "bad: down", retryAfter: .seconds(60)))
    #expect(good.learned == [.spam])
    #expect(chain.statistics().map(\.learned) == [[:], [.spam: 1]])
    #expect(chain.statistics().map(\.learningErrors) == [[.unreachable: 1], [:]])
  }

  private func error<Value>(_ body: () async throws -> Value) async -> FilterError? {
    do {
      _ = try await body()
      return nil
    } catch {
      return error as? FilterError
    }
  }
}

private final class Trainer: FilterTrainer {
  let name: String
  private let error: FilterError?
  private let reports = Locked<[SpamClass]>([])

  init(_ name: String, _ error: FilterError? = nil) {
    self.name = name
    self.error = error
  }

  var learned: [SpamClass] { reports.withLock { $0 } }

  func learn(_ bytes: [UInt8], as spamClass: SpamClass) async throws {
    if let error { throw error }
    reports.withLock { $0.append(spamClass) }
  }
}

extension Logger {
  /// What is expected to go wrong needs no lines in the output of the tests.
  static let quiet = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
}
