import Bytes
import Foundation
import Ingest
import Mailboxes
import MailStore

extension CommandRunner {
  func importMail(user: String, folder: String?, paths: [String], _ output: @escaping CommandOutput) async throws {
    let user = try engine.user(user)
    let importer = Importer(
      mailboxes: engine.mailboxes, originals: engine.originals, extractor: engine.extractor,
      threads: engine.ingestThreads,
      fileSystem: engine.fileSystem, maxByteCount: engine.settings.maxMessageByteCount)
    let meter = ProgressMeter()
    let result = try await importer.run(user: user.id, paths: paths, folder: folder) { progress in
      let done = progress.imported + progress.skipped + progress.failed
      guard let note = meter.note(mails: done, bytes: progress.readByteCount) else { return }
      try? await output(
        .progress(CommandProgress(done: progress.readByteCount, total: progress.totalByteCount, note: note)))
    }
    let seconds = meter.seconds
    for failure in result.failures { try await output(.warning("not imported: \(failure)")) }
    if !isServing { try await makePostings(of: user.id, output) }
    try await output(
      .line("imported=\(result.imported) skipped=\(result.skipped) failed=\(result.failed) seconds=\(seconds)"))
    if result.failed > 0 { throw CommandFailure("\(result.failed) mails were not imported; the lines above say why") }
  }

  /// A server makes them beside its other work. Without one they would wait, and the first searches read what waits.
  private func makePostings(of user: UserID, _ output: CommandOutput) async throws {
    try await output(.progress(CommandProgress(done: 0, total: 0, note: "making postings")))
    try await engine.mailboxes.compact(shardOf: user)
  }
}
