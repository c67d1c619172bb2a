import Bytes
import Logging
import Mailboxes
import ServiceLifecycle

/// Compacts pack files in the background of a server, on one thread of the lowest priority, now and then.
struct PackUpkeep: Service {
  private let mailboxes: Mailboxes
  private let options: PackCompactionOptions
  private let pause: @Sendable () async throws -> Void
  private let logger: Logger

  private static let niceness: Int32 = 19
  /// To look costs a read of every row's reference.
  private static let interval = Duration.seconds(3_600)

  /// - Parameter pause: suspends between two rounds, and before the first: a server that has just started has other things to do.
  init(
    mailboxes: Mailboxes, options: PackCompactionOptions, logger: Logger,
    pause: @escaping @Sendable () async throws -> Void = { try await Task.sleep(for: interval) }
  ) {
    self.mailboxes = mailboxes
    self.options = options
    self.logger = logger
    self.pause = pause
  }

  /// Works until the service is stopped; a pack that is being written anew is then left as it was.
  func run() async throws {
    let threads = BlockingThreads(name: "packs", niceness: Self.niceness, threads: 1)
    defer { threads.close() }
    let isStopping = CancellationFlag()
    await cancelWhenGracefulShutdown {
      await withTaskCancellationHandler {
        while (try? await pause()) != nil, !Task.isCancelled { await compact(on: threads, isStopping) }
      } onCancel: {
        isStopping.set()
      }
    }
  }

  private func compact(on threads: BlockingThreads, _ isStopping: CancellationFlag) async {
    let (mailboxes, options) = (mailboxes, options)
    do {
      let report = try await threads.run { try mailboxes.compactPacks(options, check: isStopping.check) }
      for problem in report.problems { logger.warning("pack files", metadata: ["problem": "\(problem)"]) }
      guard report.compacted > 0 else { return }
      logger.info(
        "space of deleted mail given back",
        metadata: [
          "packs": "\(report.compacted)", "freed": "\(report.freedByteCount)", "kept": "\(report.keptByteCount)",
        ])
    } catch is CancellationError {
    } catch {
      logger.error("compaction of pack files put off", metadata: ["error": "\(error)"])
    }
  }
}
