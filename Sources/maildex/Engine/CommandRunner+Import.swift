import Bytes
import Foundation
import Ingest
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
    for failure in result.failures { try await output(.warning("not imported: \(failure)")) }
    try await output(
      .line(
        "imported=\(result.imported) skipped=\(result.skipped) failed=\(result.failed) seconds=\(meter.seconds)"))
    if result.failed > 0 { throw CommandFailure("\(result.failed) mails were not imported; the lines above say why") }
  }
}
