import Bytes
import Foundation
import Mailboxes
import MailStore
import Synchronization

extension CommandRunner {
  /// Gives back the space of deleted mail, or says how much that would be.
  func compact(isDryRun: Bool, _ output: @escaping CommandOutput) async throws {
    let meter = ProgressMeter()
    let (steps, continuation) = AsyncStream.makeStream(
      of: PackCompactionReport.self, bufferingPolicy: .bufferingNewest(1))
    let report = try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask {
        for await step in steps {
          try await output(
            .progress(
              CommandProgress(
                done: UInt64(step.compacted), total: UInt64(step.chosen.count),
                note: "\(step.freedByteCount) bytes freed")))
        }
      }
      defer { continuation.finish() }
      return try await compactOnThread(isDryRun: isDryRun) { continuation.yield($0) }
    }
    for problem in report.problems { try await output(.line(problem)) }
    if isDryRun {
      for use in report.chosen { try await output(.line(Self.line(use))) }
      let freed = report.chosen.reduce(0) { $0 + $1.deadByteCount }
      let kept = report.chosen.reduce(0) { $0 + $1.liveByteCount }
      try await output(
        .line("compactable packs=\(report.chosen.count) freed=\(freed) kept=\(kept) seconds=\(meter.seconds)"))
    } else {
      try await output(
        .line(
          "compacted packs=\(report.compacted) freed=\(report.freedByteCount) kept=\(report.keptByteCount) "
            + "seconds=\(meter.seconds)"))
    }
    if !report.problems.isEmpty {
      throw CommandFailure("not everything was looked at: \(report.problems.count) problems; run 'maildex verify'")
    }
  }

  private func compactOnThread(
    isDryRun: Bool, _ progress: @escaping @Sendable (PackCompactionReport) -> Void
  ) async throws -> PackCompactionReport {
    let isCancelled = CancellationFlag()
    let (mailboxes, options) = (engine.mailboxes, engine.settings.packCompaction)
    return try await withTaskCancellationHandler {
      try await engine.threads.run {
        try mailboxes.compactPacks(options, isDryRun: isDryRun, progress: progress, check: isCancelled.check)
      }
    } onCancel: {
      isCancelled.set()
    }
  }

  private static func line(_ use: PackUse) -> String {
    "pack=\(use.number) bytes=\(use.byteCount) live=\(use.liveByteCount) dead=\(use.deadByteCount)"
  }
}

/// Carries a task's cancellation to a thread that blocks.
final class CancellationFlag: Sendable {
  private let isSet = Atomic<Bool>(false)

  func set() { isSet.store(true, ordering: .releasing) }

  func check() throws { if isSet.load(ordering: .acquiring) { throw CancellationError() } }
}
