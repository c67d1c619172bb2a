import Bytes
import MailStore
import TestSupport

/// Stored originals in memory, which outlive the crashes of the doors that are opened over them.
final class Archive: Sendable {
  let packs: PackStore
  let originals: OriginalStore
  let files: CrashableFileSystem

  init() throws {
    files = CrashableFileSystem()
    packs = try PackStore.open(
      fileSystem: files, directory: "archive", options: PackOptions(fileByteCount: 1 << 18))
    originals = OriginalStore.open(packs: packs, indexPath: nil)
  }

  func close() {
    originals.close()
    packs.close()
  }
}
