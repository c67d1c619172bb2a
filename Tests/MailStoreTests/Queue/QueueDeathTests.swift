import Bytes
import TestSupport
import Testing

@testable import MailStore

/// Processes that die over a mail.
struct QueueDeathTests {
  /// As the next process finds it.
  private func afterDeath(of bench: QueueBench) throws -> QueueBench {
    bench.disk.system.crash()
    return try bench.reopened(.kept)
  }

  private func leased(_ bench: QueueBench) async throws -> QueueLease { try #require(await bench.queue.lease()) }

  @Test func `within one process nothing is written of mails under way`() async throws {
    let bench = try QueueBench()
    for number in 0..<20 { _ = try await bench.accept(number) }
    while let lease = await bench.lease() { await bench.queue.finish(lease) }
    #expect(!bench.disk.system.exists("/data/receive/attempts"))
    bench.close()
  }

  @Test func `the mail over which processes die is told from those that were under way beside it`() async throws {
    var bench = try QueueBench()
    var ids: [QueueItemID] = []
    for number in 0..<5 { ids.append(try await bench.accept(number)) }
    // Of the first death nobody knows: all are new.
    for _ in 0..<3 { _ = await bench.lease() }
    bench = try afterDeath(of: bench)
    // All that were queued are under suspicion.
    for _ in 0..<3 { #expect(try await leased(bench).deaths == 0) }
    bench = try afterDeath(of: bench)
    let killer = ids[0]
    for death in 1...3 {
      // Three were under way then; of these one at a time goes, and the others in any case.
      var deaths: [QueueItemID: Int] = [:]
      while bench.queue.hasReady, let lease = await bench.queue.lease() { deaths[lease.id] = lease.deaths }
      #expect(deaths[killer] == death)
      #expect(deaths.values.filter { $0 > 0 }.count == 1, "\(deaths)")
      bench = try afterDeath(of: bench)
    }
    #expect(try await leased(bench).deaths <= 4)
    bench.close()
  }

  @Test func `the next suspect goes when the one before is finished, put off or late`() async throws {
    var bench = try QueueBench()
    for number in 0..<4 { _ = try await bench.accept(number) }
    bench = try afterDeath(of: bench)
    for _ in 0..<4 { _ = await bench.queue.lease() }
    bench = try afterDeath(of: bench)
    let first = try await leased(bench)
    #expect(first.deaths == 1 && !bench.queue.hasReady)
    await bench.queue.finish(first)
    let second = try await leased(bench)
    #expect(!bench.queue.hasReady)
    await bench.queue.release(second, retryAfter: .seconds(3_600), reason: "no")
    let third = try await leased(bench)
    #expect(!bench.queue.hasReady)
    bench.clock.advance(seconds: 61)
    let fourth = try await leased(bench)
    #expect(Set([first, second, third, fourth].map(\.id)).count == 4)
    await bench.queue.finish(fourth)
    #expect(await bench.queue.lease()?.id == third.id)
    bench.close()
  }

  @Test func `a good end leaves no suspicion, and a try that was outlived none either`() async throws {
    var bench = try QueueBench()
    for number in 0..<3 { _ = try await bench.accept(number) }
    bench = try afterDeath(of: bench)
    await bench.queue.release(try await leased(bench), retryAfter: .seconds(3_600), reason: "no")
    _ = await bench.queue.lease()
    bench = try bench.reopened()
    var deaths: [Int] = []
    while bench.queue.hasReady, let lease = await bench.queue.lease() { deaths.append(lease.deaths) }
    #expect(deaths == [0, 0, 0])
    bench.close()
  }

  @Test func `after a retry by hand a convicted mail is tried, and watched, again`() async throws {
    var bench = try QueueBench()
    _ = try await bench.accept(1)
    bench = try afterDeath(of: bench)
    for _ in 0..<2 {
      _ = await bench.queue.lease()
      bench = try afterDeath(of: bench)
    }
    let lease = try await leased(bench)
    #expect(lease.deaths == 2)
    await bench.queue.release(lease, retryAfter: .seconds(3_600), reason: "not tried", isFailure: false)
    #expect(bench.queue.retryNow(nil) == 1)
    #expect(try await leased(bench).deaths == 0)
    bench = try afterDeath(of: bench)
    #expect(try await leased(bench).deaths == 3)
    bench.close()
  }
}
