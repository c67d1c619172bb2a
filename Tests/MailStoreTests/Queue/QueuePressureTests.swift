import Bytes
import TestSupport
import Testing

@testable import MailStore

/// How full the queue is, and what it counts.
struct QueuePressureTests {
  @Test func `pressure rises with the depth to 1, where mail is refused`() async throws {
    let bench = try QueueBench(options: InboundQueueOptions(maxDepth: 4))
    defer { bench.close() }
    for number in 0..<4 {
      #expect(bench.queue.pressure == Double(number) / 4)
      _ = try await bench.accept(number)
    }
    #expect(bench.queue.pressure == 1)
    await #expect { try await bench.accept(9) } throws: { ($0 as? StoreError)?.code == .queueFull }
    #expect(bench.queue.pressure == 1)
    await bench.queue.finish(try #require(await bench.lease()))
    #expect(bench.queue.pressure == 0.75)
  }

  @Test func `recipients count: the memory of envelopes has its limit`() async throws {
    let many = Array(1...1_000 as ClosedRange<UInt32>)
    let bench = try QueueBench(options: InboundQueueOptions(envelopeByteLimit: 1 << 20))
    defer { bench.close() }
    var accepted = 0
    do {
      while accepted < 100 {
        _ = try await bench.accept(accepted, users: many)
        accepted += 1
      }
    } catch {
      #expect((error as? StoreError)?.code == .queueFull)
    }
    #expect((4...6).contains(accepted), "\(accepted) mails to a thousand")
    #expect(bench.queue.pressure > 0.8)
    #expect(bench.queue.statistics().envelopeByteCount <= 1 << 20)
    await bench.queue.finish(try #require(await bench.lease()))
    _ = try await bench.accept(200, users: many)
    while let lease = await bench.lease() { await bench.queue.finish(lease) }
    #expect(bench.queue.statistics().envelopeByteCount == 0)
    #expect(bench.queue.pressure == 0)
  }

  @Test func `a mail that is larger than the limit comes alone`() async throws {
    let bench = try QueueBench(options: InboundQueueOptions(envelopeByteLimit: 100))
    defer { bench.close() }
    _ = try await bench.accept(1)
    await #expect { try await bench.accept(2) } throws: { ($0 as? StoreError)?.code == .queueFull }
    await bench.queue.finish(try #require(await bench.lease()))
    _ = try await bench.accept(2)
  }

  @Test func `an old ready mail is pressure that refuses nobody, and a deferred one is none`() async throws {
    let bench = try QueueBench(options: InboundQueueOptions(maxDepth: 1_000, oldAge: .seconds(100)))
    defer { bench.close() }
    _ = try await bench.accept(1)
    bench.clock.advance(seconds: 50)
    #expect(bench.queue.pressure == 0.5)
    bench.clock.advance(seconds: 500)
    #expect(bench.queue.pressure == 0.85)
    await bench.queue.release(try #require(await bench.lease()), retryAfter: .seconds(1_000), reason: "no")
    #expect(bench.queue.pressure == 0.001)
  }

  @Test func `standings, classes, tries and the oldest are counted`() async throws {
    let bench = try QueueBench()
    defer { bench.close() }
    #expect(bench.queue.statistics().oldestReceivedAt == nil)
    for number in 1...4 { _ = try await bench.accept(number) }
    _ = try await bench.accept(5, users: Array(1...30))
    _ = try await bench.accept(6, byteCount: 300_000)
    await bench.queue.finish(try #require(await bench.lease()))
    await bench.queue.release(try #require(await bench.lease()), retryAfter: .zero, reason: "no")
    await bench.queue.release(try #require(await bench.lease()), retryAfter: .seconds(3), reason: "no")
    bench.clock.advance(seconds: 61)
    let aside = try #require(await bench.lease())
    await bench.queue.finish(aside, isSetAside: true)
    let statistics = bench.queue.statistics()
    #expect(statistics.ready + statistics.leased + statistics.deferred == bench.queue.depth())
    #expect(statistics.attempts == 4 && statistics.setAside == 1)
    #expect(statistics.ready == 4)
    #expect(statistics.readyByClass.map(\.kind.name) == ["prompt", "large", "bulk", "retry"])
    #expect(statistics.readyByClass.reduce(0) { $0 + $1.count } == 4)
    #expect(statistics.oldestReceivedAt.map { [2, 3].contains($0.rawValue) } == true)
  }

  @Test func `a worker that does not come back speaks against the mail`() async throws {
    let bench = try QueueBench()
    defer { bench.close() }
    _ = try await bench.accept(1)
    for failures in 0..<3 {
      let lease = try #require(await bench.queue.lease())
      #expect(lease.failures == failures)
      bench.clock.advance(seconds: 61)
    }
    #expect(bench.queue.statistics().expired == 2, "the third is not looked for yet")
    await bench.queue.release(try #require(await bench.queue.lease()), reason: "our disk is full", isFailure: false)
    bench.clock.advance(seconds: 301)
    let last = try #require(await bench.queue.lease())
    #expect(last.failures == 3)
  }
}
