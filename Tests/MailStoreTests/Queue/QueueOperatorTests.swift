import Bytes
import TestSupport
import Testing

@testable import MailStore

/// What operators see and do.
struct QueueOperatorTests {
  @Test func `an item is shown with its size, its tries, why it failed and when it is tried again`() async throws {
    let bench = try QueueBench()
    defer { bench.close() }
    let id = try await bench.accept(7, byteCount: 20_000)
    #expect(bench.queue.item(id)?.standing == .ready)
    #expect(bench.queue.item(id)?.nextTry == nil)
    await bench.queue.release(try #require(await bench.lease()), retryAfter: .seconds(30), reason: "filter is down")
    bench.clock.advance(seconds: 10)
    let item = try #require(bench.queue.item(id))
    #expect(item.standing == .deferred && item.attempts == 1 && item.lastReason == "filter is down")
    #expect(item.nextTry == .seconds(20))
    #expect(item.byteCount == UInt64(record(7, byteCount: 20_000).bytes.count))
    #expect(item.envelope == envelope(7) && item.receivedAt == Timestamp(rawValue: 7))
    #expect(bench.queue.items().map(\.id) == [id])
    bench.clock.advance(seconds: 25)
    #expect(bench.queue.item(id)?.nextTry == .zero)
    #expect(bench.queue.item(QueueItemID(rawValue: 1)) == nil)
  }

  @Test func `items are listed a page at a time, in the order of their acceptance, however many there are`()
    async throws
  {
    let bench = try QueueBench()
    defer { bench.close() }
    var ids: [QueueItemID] = []
    for number in 0..<1_203 { ids.append(try await bench.accept(number)) }
    #expect(bench.queue.items().map(\.id) == ids)
    #expect(bench.queue.items(limit: 700).map(\.id) == Array(ids[..<700]))
    #expect(bench.queue.items(after: ids[699], limit: 700).map(\.id) == Array(ids[700...]))
    #expect(bench.queue.items(after: ids[1_202], limit: 700).isEmpty)
    #expect(bench.queue.items(limit: 0).isEmpty)
    while let lease = await bench.lease() { await bench.queue.release(lease, retryAfter: nil, reason: "no") }
    #expect(bench.queue.retryNow(nil) == ids.count)
    #expect(bench.queue.items().allSatisfy { $0.standing == .ready })
  }

  @Test(arguments: [200, 20_000])
  func `content is read without a lease, from memory or disk`(byteCount: Int) async throws {
    for limit in [0, 1 << 20] {
      let bench = try QueueBench(options: InboundQueueOptions(heldByteLimit: limit))
      let id = try await bench.accept(1, byteCount: byteCount)
      #expect(try await bench.queue.content(ofItem: id) == record(1, byteCount: byteCount).bytes)
      await bench.queue.finish(try #require(await bench.lease()))
      await #expect { try await bench.queue.content(ofItem: id) } throws: { ($0 as? StoreError)?.code == .missingBlob }
      bench.close()
    }
  }

  @Test func `what is put off is tried at once when an operator says so, and begins anew`() async throws {
    let bench = try QueueBench()
    defer { bench.close() }
    var ids: [QueueItemID] = []
    for number in 0..<4 { ids.append(try await bench.accept(number)) }
    for _ in 0..<3 { await bench.queue.release(try #require(await bench.lease()), retryAfter: nil, reason: "no") }
    #expect(bench.queue.retryNow([ids[1], ids[3], QueueItemID(rawValue: 5)]) == 1)
    #expect(bench.queue.item(ids[1])?.standing == .ready)
    #expect(bench.queue.retryNow(nil) == 2)
    var seen: Set<QueueItemID> = []
    while let lease = await bench.lease() {
      #expect(lease.failures == 0)
      seen.insert(lease.id)
    }
    #expect(seen == Set(ids))
    bench.clock.advance(seconds: 20)
    #expect(bench.queue.items().map(\.standing) == [.leased, .leased, .leased, .leased], "their alarms are void")
  }

  @Test func `a retry wakes the workers that wait`() async throws {
    let bench = try QueueBench()
    let queue = bench.queue
    let id = try await bench.accept(1)
    await queue.release(try #require(await bench.lease()), retryAfter: .seconds(3_600), reason: "no")
    async let waiting = queue.lease()
    #expect(queue.retryNow([id]) == 1)
    #expect(await waiting?.id == id)
    bench.close()
  }

  @Test func `an operator takes one item, unless a worker has it, and nobody is given it then`() async throws {
    var bench = try QueueBench()
    let first = try await bench.accept(1)
    let second = try await bench.accept(2)
    let taken = try #require(bench.queue.take(second))
    #expect(taken.id == second)
    #expect(bench.queue.take(second) == nil)
    #expect(bench.queue.item(second)?.attempts == 0)
    let lease = try #require(await bench.lease())
    #expect(lease.id == first)
    #expect(bench.queue.take(first) == nil)
    #expect(await bench.lease() == nil)
    await bench.queue.finish(taken)
    await bench.queue.release(lease, retryAfter: .seconds(30), reason: "no")
    let put = try #require(bench.queue.take(first))
    bench.clock.advance(seconds: 31)
    #expect(await bench.lease() == nil, "it was due and is with the operator")
    await bench.queue.finish(put)
    bench = try bench.reopened()
    #expect(bench.queue.depth() == 0)
    bench.close()
  }

  @Test func `a delay is doubled with each try, or what the failing step asks for`() async throws {
    let options = InboundQueueOptions(
      leaseDuration: .seconds(60), backoff: RetryBackoff(first: .seconds(10), longest: .seconds(60)), seed: 3)
    let bench = try QueueBench(options: options)
    defer { bench.close() }
    let id = try await bench.accept(1)
    for whole in [10, 20, 40, 60, 60] as [Int64] {
      await bench.queue.release(try #require(await bench.lease()), reason: "no")
      let delay = try #require(bench.queue.item(id)?.nextTry)
      #expect(delay <= .seconds(whole) && delay >= .seconds(whole) / 2)
      bench.clock.advance(seconds: 61)
      _ = bench.queue.take(QueueItemID(rawValue: 1))
      #expect(bench.queue.item(id)?.standing == .ready)
    }
    let wishes: [(Duration, Duration)] = [
      (.seconds(7), .seconds(7)), (.seconds(-7), .zero), (.seconds(1 << 50), .seconds(86_400)),
    ]
    for (wish, delay) in wishes {
      await bench.queue.release(try #require(await bench.queue.lease()), retryAfter: wish, reason: "no")
      #expect(bench.queue.item(id)?.nextTry == delay)
      #expect(bench.queue.retryNow(nil) == 1)
    }
  }

  @Test func `a reason is kept up to a bound`() async throws {
    let bench = try QueueBench()
    defer { bench.close() }
    let id = try await bench.accept(1)
    await bench.queue.release(try #require(await bench.lease()), reason: String(repeating: "é", count: 5_000))
    #expect(try #require(bench.queue.item(id)?.lastReason).utf8.count <= 502)
  }
}
