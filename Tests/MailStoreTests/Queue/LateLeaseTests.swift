import Bytes
import Testing

@testable import MailStore

/// Workers that need longer than their leases last, or never come back.
struct LateLeaseTests {
  @Test func `an expired lease goes to the next worker`() async throws {
    let bench = try QueueBench()
    let id = try await bench.accept(1)
    let dead = try #require(await bench.lease())
    #expect(await bench.lease() == nil)
    bench.clock.advance(seconds: 61)
    let next = try #require(await bench.queue.lease())
    #expect(next.id == id)
    #expect(next.attempt == 2)
    await bench.queue.release(dead, retryAfter: .zero, reason: "late")
    #expect(bench.queue.items().map(\.standing) == [.leased], "the next worker has it still")
    bench.close()
  }

  @Test func `a worker slower than its lease finishes the mail, whoever was given it since`() async throws {
    var bench = try QueueBench()
    _ = try await bench.accept(1)
    let slow = try #require(await bench.lease())
    bench.clock.advance(seconds: 61)
    let next = try #require(await bench.queue.lease())
    await bench.queue.finish(slow)
    #expect(bench.queue.depth() == 0)
    await bench.queue.finish(next)
    await bench.queue.finish(slow)
    bench = try bench.reopened()
    #expect(bench.queue.depth() == 0, "the late finish was recorded")
    bench.close()
  }

  @Test func `a late finish counts while nobody else has the item`() async throws {
    let bench = try QueueBench()
    _ = try await bench.accept(1)
    let late = try #require(await bench.lease())
    bench.clock.advance(seconds: 61)
    await bench.queue.finish(late)
    await bench.queue.finish(late)
    #expect(bench.queue.depth() == 0)
    bench.close()
  }

  @Test func `a late finish counts for a mail that the next worker has put off`() async throws {
    let bench = try QueueBench()
    _ = try await bench.accept(1)
    let slow = try #require(await bench.lease())
    bench.clock.advance(seconds: 61)
    await bench.queue.release(try #require(await bench.queue.lease()), retryAfter: .seconds(5), reason: "busy")
    await bench.queue.finish(slow)
    #expect(bench.queue.depth() == 0)
    bench.clock.advance(seconds: 6)
    #expect(await bench.lease() == nil)
    bench.close()
  }

  /// Who already has a mail must not be forgotten while a worker may still deliver it once more.
  @Test(arguments: [true, false], [true, false])
  func `a finished item is told when the last of its workers has come back`(
    lateFinishes: Bool, isDurableFirst: Bool
  ) async throws {
    let told = Locked<[FinishedItem]>([])
    var options = InboundQueueOptions()
    options.didFinish = { items in told.withLock { $0 += items } }
    let bench = try QueueBench(options: options)
    let id = try await bench.accept(1, byteCount: 20_000)
    let slow = try #require(await bench.lease())
    bench.clock.advance(seconds: 61)
    let dead = try #require(await bench.queue.lease())
    bench.clock.advance(seconds: 61)
    let quick = try #require(await bench.queue.lease())
    await bench.queue.finish(quick)
    // The finish goes to the disk with the next mail at the latest.
    if isDurableFirst { _ = try await bench.accept(2) }
    #expect(told.withLock { $0.isEmpty })
    #expect(bench.spoolFiles.count == 1)
    await bench.queue.release(dead, retryAfter: .zero, reason: "late")
    #expect(told.withLock { $0.isEmpty })
    if lateFinishes {
      await bench.queue.finish(slow)
    } else {
      await bench.queue.release(slow, retryAfter: .zero, reason: "late")
    }
    bench.close()
    #expect(told.withLock { $0.map(\.id) } == [id])
    #expect(bench.spoolFiles == [])
  }

  @Test func `a worker that never comes back keeps its mail from being told, and nothing else`() async throws {
    let told = Locked<[FinishedItem]>([])
    var options = InboundQueueOptions()
    options.didFinish = { items in told.withLock { $0 += items } }
    var bench = try QueueBench(options: options)
    _ = try await bench.accept(1)
    _ = await bench.lease()
    bench.clock.advance(seconds: 61)
    await bench.queue.finish(try #require(await bench.queue.lease()))
    let second = try await bench.accept(2)
    await bench.queue.finish(try #require(await bench.lease()))
    bench = try bench.reopened()
    #expect(told.withLock { $0.map(\.id) } == [second])
    #expect(bench.queue.depth() == 0)
    bench.close()
  }
}
