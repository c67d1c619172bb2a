package import Bytes
package import Logging
package import MailStore
import ServiceLifecycle

/// Gives filters to learn what users have reported, in the background: one mail at a time, again later where a filter does not take
/// it, and never where it will not.
package struct FilterLessons: Service {
  package typealias Learn = @Sendable (_ bytes: [UInt8], Lesson.Class) async throws -> Void

  private let lessons: LessonQueue
  private let originals: OriginalStore
  private let threads: BlockingThreads
  private let learn: Learn
  private let clock: any WallClock
  private let pause: @Sendable () async throws -> Void
  private let logger: Logger

  package static let maxTries = 30
  private static let interval = Duration.seconds(1)

  /// - Parameters:
  ///   - threads: for the disk.
  ///   - learn: throws where the mail is to be brought again later.
  ///   - pause: suspends while nothing is due.
  package init(
    lessons: LessonQueue, originals: OriginalStore, threads: BlockingThreads, clock: any WallClock, logger: Logger,
    pause: @escaping @Sendable () async throws -> Void = { try await Task.sleep(for: interval) }, learn: @escaping Learn
  ) {
    self.lessons = lessons
    self.originals = originals
    self.threads = threads
    self.learn = learn
    self.clock = clock
    self.pause = pause
    self.logger = logger
  }

  /// Works until the service is stopped.
  package func run() async throws {
    await cancelWhenGracefulShutdown {
      while !Task.isCancelled {
        do {
          if try await teachNext() { continue }
        } catch {
          logger.warning("lessons of filters wait", metadata: ["error": "\(error)"])
        }
        try? await pause()
      }
    }
  }

  /// - Returns: false where nothing is due.
  package func teachNext() async throws -> Bool {
    guard lessons.depth > 0 else { return false }
    let next = try await threads.run { [lessons] in try lessons.next() }
    guard let lesson = next, lesson.dueAt <= clock.now() else { return false }
    do {
      let bytes = try await threads.run { [originals] in try originals.read(lesson.original) }
      try await learn(bytes, lesson.mailClass)
      try await threads.run { [lessons] in try lessons.remove(lesson) }
    } catch is CancellationError {
      return false
    } catch {
      try await fail(lesson, error)
    }
    return true
  }

  private func fail(_ lesson: Lesson, _ error: any Error) async throws {
    // Its user has deleted the mail meanwhile.
    let isGone = (error as? StoreError).map { $0.code == .missingBlob || $0.code == .corrupt } ?? false
    let isLast = isGone || lesson.tries + 1 >= Self.maxTries
    logger.notice(
      isLast ? "lesson given up" : "lesson put off", metadata: ["tries": "\(lesson.tries + 1)", "error": "\(error)"])
    let due = Timestamp(rawValue: clock.now().rawValue + Self.delay(after: lesson.tries))
    try await threads.run { [lessons] in
      if isLast { try lessons.remove(lesson) } else { try lessons.postpone(lesson, to: due) }
    }
  }

  /// In ms: doubles from a minute to an hour.
  static func delay(after tries: Int) -> Int64 { min(3_600_000, 60_000 << min(Int64(tries), 6)) }
}
