import Bytes
import TestSupport
import Testing

@testable import MailStore

final class ManualClock: MonotonicClock {
  private let time = Locked(Duration.seconds(1_000))
  func elapsed() -> Duration { time.withLock { $0 } }
  func advance(seconds: Int64) { time.withLock { $0 += .seconds(seconds) } }
}

/// A data directory in memory with a queue on it.
final class QueueBench {
  let disk: PackDisk
  let clock = ManualClock()
  var options = InboundQueueOptions(leaseDuration: .seconds(60))
  private(set) var packs: PackStore
  private(set) var queue: InboundQueue

  init(
    _ system: CrashableFileSystem = CrashableFileSystem(), fileByteCount: UInt64 = 64 << 10,
    options: InboundQueueOptions = InboundQueueOptions()
  ) throws {
    disk = try PackDisk(system)
    self.options = options
    packs = try disk.open(fileByteCount: fileByteCount)
    do {
      queue = try InboundQueue.open(
        packs: packs, fileSystem: system, directory: "/data", clock: clock, options: options)
    } catch {
      packs.close()
      throw error
    }
  }

  func close() {
    queue.close()
    packs.close()
  }

  func reopened(_ outcome: CrashOutcome? = nil, fileByteCount: UInt64 = 64 << 10) throws -> QueueBench {
    close()
    return try QueueBench(
      outcome.map { disk.system.reopened($0) } ?? disk.system, fileByteCount: fileByteCount, options: options)
  }

  func accept(_ number: Int, users: [UInt32] = [1], byteCount: Int = 200) async throws -> QueueItemID {
    let bytes = record(number, byteCount: byteCount).bytes
    if bytes.count <= ReceivedContent.inlineLimit {
      return try await queue.accept(envelope(number, users), .inline(bytes))
    }
    let spool = try await queue.makeSpool()
    for start in stride(from: 0, to: bytes.count, by: 10_000) {
      try await spool.append(Array(bytes[start..<min(start + 10_000, bytes.count)]))
    }
    return try await queue.accept(envelope(number, users), spool.finish())
  }

  /// Leases only what is ready.
  func lease() async -> QueueLease? { queue.items().contains { $0.standing == .ready } ? await queue.lease() : nil }

  var spoolFiles: [String] { ((try? disk.system.list("/data/receive/spool")) ?? []).filter { $0 != "lost" } }
  var lostFiles: [String] { (try? disk.system.list("/data/receive/spool/lost")) ?? [] }
}

func envelope(_ number: Int, _ users: [UInt32] = [1]) -> InboundEnvelope {
  InboundEnvelope(
    receivedAt: Timestamp(rawValue: Int64(number)), clientAddress: "192.0.2.7", heloName: "mx.example.org",
    protocolName: "ESMTP", reversePath: number % 5 == 0 ? "" : "sender\(number)@example.org",
    recipients: users.map { InboundRecipient(address: "user\($0)@example.com", user: UserID(rawValue: $0)) },
    needsUTF8: number % 2 == 0, is8Bit: number % 3 == 0)
}

struct InboundQueueTests {
  @Test func `a mail is leased with its envelope and content, finished, and never comes again`() async throws {
    var bench = try QueueBench()
    let id = try await bench.accept(1, users: [1, 2])
    #expect(bench.queue.depth() == 1)
    let lease = try #require(await bench.lease())
    #expect(lease.id == id)
    #expect(lease.envelope == envelope(1, [1, 2]))
    #expect(lease.attempt == 1)
    #expect(try await bench.queue.content(of: lease) == record(1, byteCount: 200).bytes)
    await bench.queue.finish(lease)
    #expect(bench.queue.depth() == 0)
    bench = try bench.reopened(.dropped)
    #expect(bench.queue.depth() == 0)
    bench.close()
  }

  @Test func `small content stays where receipt wrote it, and is read there as an original`() async throws {
    var bench = try QueueBench()
    _ = try await bench.accept(1)
    let lease = try #require(await bench.lease())
    let reference = try #require(bench.queue.reference(of: lease))
    await bench.queue.finish(lease)
    bench = try bench.reopened()
    let originals = OriginalStore.open(packs: bench.packs, indexPath: nil)
    #expect(try originals.read(reference) == record(1, byteCount: 200).bytes)
    #expect(try originals.attachment(reference, partPath: "1") == nil)
    originals.close()
    bench.close()
  }

  @Test(arguments: [16_375, 16_376, 100_000])
  func `large content goes through a spool file that lives until the finish is durable`(byteCount: Int) async throws {
    var bench = try QueueBench()
    _ = try await bench.accept(1, byteCount: byteCount)
    bench = try bench.reopened(.dropped)
    #expect(bench.spoolFiles.count == (byteCount > 16_375 ? 1 : 0))
    let lease = try #require(await bench.lease())
    #expect((bench.queue.reference(of: lease) == nil) == (byteCount > 16_375))
    #expect(try await bench.queue.content(of: lease) == record(1, byteCount: byteCount).bytes)
    await bench.queue.finish(lease)
    bench.close()
    #expect(bench.spoolFiles == [])
  }

  @Test func `content over the limit is not accepted inline`() async throws {
    let bench = try QueueBench()
    defer { bench.close() }
    await #expect(throws: StoreError.self) {
      try await bench.queue.accept(envelope(1), .inline([UInt8](repeating: 1, count: 16_385)))
    }
    #expect(bench.queue.depth() == 0)
  }

  @Test func `without a finish everything comes again after a restart, in order`() async throws {
    var bench = try QueueBench()
    var ids: [QueueItemID] = []
    for number in 0..<30 { ids.append(try await bench.accept(number)) }
    #expect(ids == ids.sorted())
    for _ in 0..<10 { await bench.queue.finish(try #require(await bench.lease())) }
    _ = await bench.lease()
    bench = try bench.reopened()
    var seen: [QueueItemID] = []
    while let lease = await bench.lease() { seen.append(lease.id) }
    #expect(seen == Array(ids[10...]))
    bench.close()
  }

  @Test func `unfinished mails of files long sealed are known by the checkpoint`() async throws {
    var bench = try QueueBench(fileByteCount: 4_096)
    let old = try await bench.accept(0)
    let oldLease = try #require(await bench.lease())
    for number in 1..<100 {
      _ = try await bench.accept(number)
      await bench.queue.finish(try #require(await bench.lease()))
    }
    let sealedCount = try bench.disk.system.list("/data/blobs/packs").count
    #expect(sealedCount > 5)
    #expect(try bench.disk.system.list("/data/receive").filter { $0.hasSuffix(".log") }.count <= 2)
    bench = try bench.reopened(fileByteCount: 4_096)
    #expect(bench.queue.items().map(\.id) == [old])
    let lease = try #require(await bench.lease())
    #expect(try await bench.queue.content(of: lease) == record(0, byteCount: 200).bytes)
    #expect(oldLease.id == lease.id)
    await bench.queue.finish(lease)
    bench = try bench.reopened(fileByteCount: 4_096)
    #expect(bench.queue.depth() == 0)
    bench.close()
  }

  @Test func `sealed files are not read at the start`() async throws {
    var bench = try QueueBench(fileByteCount: 4_096)
    for number in 0..<60 {
      _ = try await bench.accept(number)
      await bench.queue.finish(try #require(await bench.lease()))
    }
    let kept = try await bench.accept(60)
    bench.close()
    // Were they read, this would stop the start.
    for name in try bench.disk.system.list("/data/blobs/packs") {
      let file = try bench.disk.system.open("/data/blobs/packs/" + name, .readWrite)
      try file.truncate(to: 0)
    }
    bench = try bench.reopened(fileByteCount: 4_096)
    #expect(bench.queue.items().map(\.id) == [kept])
    #expect(bench.packs.recoveryNotes == [])
    bench.close()
  }

  @Test func `a released mail comes again after its time with one more attempt, and blocks no other`() async throws {
    let bench = try QueueBench()
    let first = try await bench.accept(1)
    let second = try await bench.accept(2)
    await bench.queue.release(try #require(await bench.lease()), retryAfter: .seconds(30), reason: "filter is down")
    #expect(bench.queue.items().first?.lastReason == "filter is down")
    #expect(await bench.queue.lease()?.id == second)
    #expect(await bench.lease() == nil)
    bench.clock.advance(seconds: 31)
    let again = try #require(await bench.queue.lease())
    #expect(again.id == first)
    #expect(again.attempt == 2)
    bench.close()
  }

  @Test func `a mail that fails at once again and again takes turns with fresh ones`() async throws {
    let bench = try QueueBench()
    let bad = try await bench.accept(0)
    for number in 1...10 { _ = try await bench.accept(number) }
    var order: [QueueItemID] = []
    for _ in 0..<16 {
      let lease = try #require(await bench.queue.lease())
      order.append(lease.id)
      if lease.id == bad {
        await bench.queue.release(lease, retryAfter: .zero, reason: "bad")
      } else {
        await bench.queue.finish(lease)
      }
    }
    #expect(bench.queue.depth() <= 4, "the others were done: \(order)")
    #expect(order.filter { $0 == bad }.count >= 3, "and the bad one was tried: \(order)")
    bench.close()
  }

  @Test func `workers wait for mail, and wake when the queue closes`() async throws {
    let bench = try QueueBench()
    let queue = bench.queue
    async let waiting = [queue.lease(), queue.lease(), queue.lease()]
    let first = try await bench.accept(1)
    let second = try await bench.accept(2)
    while queue.items().contains(where: { $0.standing == .ready }) { await Task.yield() }
    bench.close()
    let leases = await waiting
    let leased: [QueueItemID] = leases.compactMap(\.self).map(\.id)
    #expect(leased.sorted() == [first, second])
    #expect(await queue.lease() == nil)
    await #expect { try await queue.accept(envelope(1), .inline([1])) } throws: { ($0 as? StoreError)?.code == .closed }
  }

  @Test func `a cancelled worker stops waiting`() async throws {
    let bench = try QueueBench()
    let queue = bench.queue
    await withTaskGroup(of: QueueItemID?.self) { group in
      group.addTask { await queue.lease()?.id }
      group.cancelAll()
      #expect(await group.next() == .some(nil))
    }
    _ = try await bench.accept(1)
    #expect(await queue.lease() != nil)
    bench.close()
  }

  @Test func `over its depth the queue refuses until something is finished`() async throws {
    let bench = try QueueBench(options: InboundQueueOptions(maxDepth: 2))
    _ = try await bench.accept(1)
    _ = try await bench.accept(2)
    await #expect { try await bench.accept(3) } throws: { ($0 as? StoreError)?.code == .queueFull }
    await #expect { try await bench.accept(3, byteCount: 20_000) } throws: { ($0 as? StoreError)?.code == .queueFull }
    await bench.queue.finish(try #require(await bench.lease()))
    _ = try await bench.accept(4)
    bench.close()
    #expect(bench.spoolFiles == [], "the refused mail's file is gone")
  }

  @Test func `content over the memory budget is read back from disk`() async throws {
    let bench = try QueueBench(options: InboundQueueOptions(heldByteLimit: 500))
    for number in 0..<5 { _ = try await bench.accept(number) }
    for number in 0..<5 {
      let lease = try #require(await bench.lease())
      #expect((lease.held == nil) == (number >= 2))
      #expect(try await bench.queue.content(of: lease) == record(number, byteCount: 200).bytes)
      await bench.queue.finish(lease)
    }
    bench.close()
  }

  @Test func `pending counts are kept for each user`() async throws {
    let bench = try QueueBench()
    _ = try await bench.accept(1, users: [1, 2, 2])
    _ = try await bench.accept(2, users: [2])
    let users = [1, 2, 3].map { UserID(rawValue: $0) }
    #expect(users.map { bench.queue.pendingCount(for: $0) } == [1, 2, 0])
    await bench.queue.finish(try #require(await bench.lease()))
    #expect(users.map { bench.queue.pendingCount(for: $0) } == [0, 1, 0])
    bench.close()
  }

  @Test func `a search waits for the user's mails of now, and only for them`() async throws {
    let bench = try QueueBench()
    let queue = bench.queue
    let user = UserID(rawValue: 1)
    #expect(await queue.waitUntilProcessed(user: user, timeout: .seconds(600)) == 0)
    _ = try await bench.accept(1, users: [1])
    _ = try await bench.accept(2, users: [2])
    let mine = try #require(await bench.lease())
    async let pending = queue.waitUntilProcessed(user: user, timeout: .seconds(600))
    while queue.searchCount == 0 { await Task.yield() }
    _ = try await bench.accept(3, users: [1])
    await queue.finish(mine)
    #expect(await pending == 1, "the mail that came later is pending and was not waited for")

    // Put off mail is reported and not waited for.
    while let lease = await bench.lease() { await queue.release(lease, retryAfter: .seconds(30), reason: "later") }
    #expect(await queue.waitUntilProcessed(user: user, timeout: .seconds(600)) == 1)
    bench.close()
  }

  @Test func `a search waits no longer than its timeout`() async throws {
    let bench = try QueueBench()
    _ = try await bench.accept(1)
    #expect(await bench.queue.waitUntilProcessed(user: UserID(rawValue: 1), timeout: .milliseconds(5)) == 1)
    #expect(bench.queue.searchCount == 0)
    bench.close()
  }

  @Test func `a release wakes the search that waited for the mail`() async throws {
    let bench = try QueueBench()
    let queue = bench.queue
    _ = try await bench.accept(1)
    let lease = try #require(await bench.lease())
    async let pending = queue.waitUntilProcessed(user: UserID(rawValue: 1), timeout: .seconds(600))
    while queue.searchCount == 0 { await Task.yield() }
    await queue.release(lease, retryAfter: .seconds(30), reason: "later")
    #expect(await pending == 1)
    bench.close()
  }

  @Test func `finished items are told once their record is durable`() async throws {
    let told = Locked<[FinishedItem]>([])
    var options = InboundQueueOptions()
    options.didFinish = { items in told.withLock { $0 += items } }
    let bench = try QueueBench(options: options)
    let id = try await bench.accept(1, users: [4, 5])
    await bench.queue.finish(try #require(await bench.lease()))
    bench.close()
    #expect(told.withLock { $0 } == [FinishedItem(id: id, users: [UserID(rawValue: 4), UserID(rawValue: 5)])])
  }

  @Test func `spool files that no mail names are removed at the start`() async throws {
    var bench = try QueueBench()
    _ = try await bench.accept(1, byteCount: 20_000)
    let abandoned = try await bench.queue.makeSpool()
    try await abandoned.append([1, 2, 3])
    let discarded = try await bench.queue.makeSpool()
    await discarded.discard()
    #expect(bench.spoolFiles.count == 2)
    bench = try bench.reopened()
    #expect(bench.spoolFiles.count == 1)
    let lease = try #require(await bench.lease())
    #expect(try await bench.queue.content(of: lease) == record(1, byteCount: 20_000).bytes)
    bench.close()
  }

  @Test func `a damaged or missing spool file is named`() async throws {
    let bench = try QueueBench()
    _ = try await bench.accept(1, byteCount: 20_000)
    let lease = try #require(await bench.lease())
    let path = "/data/receive/spool/" + bench.spoolFiles[0]
    try bench.disk.system.open(path, .readWrite).write([0xFF], at: 5_000)
    await #expect { try await bench.queue.content(of: lease) } throws: { error in
      (error as? StoreError)?.code == .corrupt && (error as? StoreError)?.problem?.file == path
    }
    try bench.disk.system.remove(path)
    await #expect { try await bench.queue.content(of: lease) } throws: { ($0 as? StoreError)?.code == .missingBlob }
    bench.close()
  }

  @Test func `a full disk refuses the mail and takes the next one when space is back`() async throws {
    let bench = try QueueBench(fileByteCount: 4_096)
    var accepted = 0
    for number in 0..<5 {
      _ = try await bench.accept(number)
      accepted += 1
    }
    bench.disk.system.plan.byteQuota = 8_000
    var refused = 0
    for number in 5..<40 {
      do {
        _ = try await bench.accept(number)
        accepted += 1
      } catch let error as StoreError {
        #expect(error.code == .noSpace)
        refused += 1
      }
    }
    #expect(refused > 10)
    await #expect { try await bench.accept(90, byteCount: 30_000) } throws: { ($0 as? StoreError)?.code == .noSpace }
    bench.disk.system.plan.byteQuota = nil
    _ = try await bench.accept(100)
    let after = try bench.reopened(.dropped, fileByteCount: 4_096)
    #expect(after.queue.depth() == accepted + 1)
    after.close()
  }

  @Test(arguments: [0, 64 << 20])
  func `what is queued for a user is known in bytes, held or not, spooled or not, after a restart too`(
    heldByteLimit: Int
  ) async throws {
    var bench = try QueueBench(options: InboundQueueOptions(heldByteLimit: heldByteLimit))
    _ = try await bench.accept(1, users: [1, 2], byteCount: 300)
    _ = try await bench.accept(2, users: [1], byteCount: 17_000)
    let (alice, bob) = (UserID(rawValue: 1), UserID(rawValue: 2))
    let (small, large) = (record(1, byteCount: 300).bytes.count, record(2, byteCount: 17_000).bytes.count)
    for isReopened in [false, true] {
      if isReopened { bench = try bench.reopened() }
      #expect(bench.queue.pendingByteCount(for: alice) == UInt64(small + large))
      #expect(bench.queue.pendingByteCount(for: bob) == UInt64(small))
    }
    let lease = try #require(await bench.lease())
    #expect(bench.queue.pendingByteCount(for: alice) == UInt64(small + large), "it is under way")
    await bench.queue.finish(lease)
    #expect(bench.queue.pendingByteCount(for: alice) == UInt64(large))
    #expect(bench.queue.pendingByteCount(for: bob) == 0)
    let last = try #require(await bench.lease())
    await bench.queue.finish(last)
    #expect(bench.queue.pendingByteCount(for: alice) == 0)
    bench.close()
  }
}
