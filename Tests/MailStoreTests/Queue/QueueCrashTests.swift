import Bytes
import TestSupport
import Testing

@testable import MailStore

/// The machine stops at each step of a life of the queue: accept, lease, finish, release, over several log files, with
/// small and spooled mails.
struct QueueCrashTests {
  private struct Outcome {
    /// Acknowledged mails.
    var accepted: [QueueItemID: Int] = [:]
    /// Those whose worker called `finish`.
    var finished: Set<QueueItemID> = []
    /// Mails for which `accept` failed.
    var refused: Set<Int> = []
  }

  private func run(_ disk: CrashableFileSystem) async -> Outcome {
    var outcome = Outcome()
    guard let bench = try? QueueBench(disk, fileByteCount: 4_096) else { return outcome }
    for number in 0..<24 {
      do {
        outcome.accepted[try await bench.accept(number, byteCount: number % 6 == 5 ? 17_000 : 300)] = number
      } catch {
        outcome.refused.insert(number)
      }
      // Every third mail stays behind for ever, so that checkpoints have something to carry.
      if number % 3 != 0, let lease = await bench.lease() {
        if lease.envelope.receivedAt.rawValue % 3 == 0 {
          await bench.queue.release(lease, retryAfter: .seconds(3_600), reason: "later")
        } else {
          outcome.finished.insert(lease.id)
          await bench.queue.finish(lease)
        }
      }
      if disk.hasCrashed { break }
    }
    bench.close()
    return outcome
  }

  @Test(arguments: [CrashOutcome.kept, .dropped, .torn(seed: 11), .torn(seed: 12), .torn(seed: 13)])
  func `what was acknowledged and not finished comes again, whole and once`(crash: CrashOutcome) async throws {
    var step = 0
    while true {
      let disk = CrashableFileSystem(CrashPlan(crashAtStep: step))
      let outcome = await run(disk)
      let isComplete = !disk.hasCrashed
      try await check(outcome, disk.reopened(crash), "crash at step \(step), \(crash)")
      if isComplete {
        #expect(outcome.accepted.count == 24)
        break
      }
      step += 1
    }
    #expect(step > 60, "the run has enough steps to mean something")
  }

  private func check(_ outcome: Outcome, _ disk: CrashableFileSystem, _ comment: Comment) async throws {
    let bench = try QueueBench(disk, fileByteCount: 4_096)
    defer { bench.close() }
    let queued = bench.queue.items().map(\.id)
    #expect(Set(queued).count == queued.count, comment)
    for id in outcome.accepted.keys where !outcome.finished.contains(id) {
      #expect(queued.contains(id), "\(comment): mail \(outcome.accepted[id] ?? -1) is lost")
    }
    while let lease = await bench.lease() {
      let number = Int(lease.envelope.receivedAt.rawValue)
      // A finish may be forgotten; a mail that was refused may be there, but then it is whole as well.
      #expect(outcome.accepted[lease.id] == number || outcome.refused.contains(number), comment)
      #expect(lease.envelope == envelope(number), comment)
      let content = try? await bench.queue.content(of: lease)
      #expect(content == record(number, byteCount: number % 6 == 5 ? 17_000 : 300).bytes, comment)
      await bench.queue.finish(lease)
    }
    #expect(try bench.packs.verify().problems == [], comment)
    // The queue goes on, with numbers that were not used before.
    let next = try await bench.accept(99)
    #expect(outcome.accepted[next] == nil, comment)
  }
}
