import Bytes
import Logging
import MailStore
import TestSupport
import Testing

@testable import Ingest

@Suite(.timeLimit(.minutes(10))) struct FilterLessonsTests {
  private struct Refusal: Error {}

  private func withLessons(
    _ learn: @escaping FilterLessons.Learn,
    _ body: (TestEngine, LessonQueue, FilterLessons, SteppedClock) async throws -> Void
  ) async throws {
    try await withTemporaryDirectory { directory in
      try await TestEngine.open(directory + "/data") { engine in
        let clock = SteppedClock()
        let lessons = try LessonQueue(sharing: engine.store)
        let service = FilterLessons(
          lessons: lessons, originals: engine.originals, threads: engine.threads, clock: clock,
          logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }, pause: {}, learn: learn)
        try await body(engine, lessons, service, clock)
      }
    }
  }

  @Test func `what was reported is learned once, as what it was reported`() async throws {
    let learned = Locked<[String]>([])
    try await withLessons({ bytes, mailClass in
      learned.withLock { $0.append("\(mailClass) \(String(decoding: bytes, as: UTF8.self))") }
    }) { engine, lessons, service, clock throws in
      let spam = try await engine.originals.store(Array("one".utf8))
      let ham = try await engine.originals.store(Array("two".utf8))
      #expect(try lessons.add(spam, as: .spam, at: clock.now()))
      #expect(try lessons.add(ham, as: .ham, at: clock.now()))
      for _ in 0..<2 { #expect(try await service.teachNext()) }
      #expect(try await !service.teachNext())
      #expect(learned.withLock { $0 } == ["spam one", "ham two"] && lessons.depth == 0)
    }
  }

  @Test func `a filter that does not take it is asked later and later, and then no more`() async throws {
    let asked = Locked(0)
    try await withLessons({ _, _ in
      asked.withLock { $0 += 1 }
      throw Refusal()
    }) { engine, lessons, service, clock throws in
      let original = try await engine.originals.store([1])
      #expect(try lessons.add(original, as: .spam, at: clock.now()))
      var waits: [Int64] = []
      while lessons.depth > 0 {
        #expect(try await service.teachNext())
        guard let next = try lessons.next() else { break }
        let wait = next.dueAt.rawValue - clock.now().rawValue
        waits.append(wait)
        clock.advance(by: wait - 1)
        #expect(try await !service.teachNext(), "not before its time")
        clock.advance(by: 1)
      }
      #expect(asked.withLock { $0 } == FilterLessons.maxTries)
      #expect(waits.prefix(4) == [60_000, 120_000, 240_000, 480_000] && waits.max() == 3_600_000)
    }
  }

  @Test func `a mail that is gone by then is forgotten`() async throws {
    try await withLessons({ _, _ in }) { _, lessons, service, clock throws in
      #expect(try lessons.add(BlobReference(pack: 77, offset: 64, byteCount: 8), as: .ham, at: clock.now()))
      #expect(try await service.teachNext())
      #expect(lessons.depth == 0)
    }
  }
}

/// Goes on when it is told.
final class SteppedClock: WallClock {
  private let time = Locked<Int64>(1_795_472_400_000)

  func now() -> Timestamp { Timestamp(rawValue: time.withLock { $0 }) }

  func advance(by milliseconds: Int64) { time.withLock { $0 += milliseconds } }
}
