import Bytes

/// How far each shard had come when mail was last swept: the file `shards/compaction.mark`, one line, `marked N N N N`.
///
/// A shard that has fewer changes than then has lost its rows, or an older copy of it was brought back alone. All its mail would
/// seem to be nobody's; so nothing is swept before somebody has looked.
struct CompactionMark {
  let fileSystem: any FileSystem
  let path: String

  init(of directory: DataDirectory, _ fileSystem: any FileSystem) {
    self.fileSystem = fileSystem
    path = directory.path + "/shards/compaction.mark"
  }

  /// - Throws: `MailboxError` where a shard has fewer changes, or the file cannot be understood; `FileError`.
  func require(_ sequences: [SequenceNumber]) throws {
    guard fileSystem.exists(path) else { return }
    let words = String(decoding: try fileSystem.readFile(path), as: UTF8.self).split(whereSeparator: \.isWhitespace)
    let marked = words.dropFirst().compactMap { UInt64($0) }
    guard words.first == "marked", marked.count == words.count - 1, marked.count == sequences.count else {
      throw MailboxError(.stopped, "\(path) is damaged, so nothing was compacted; remove it if all shards are whole")
    }
    for (number, (earlier, now)) in zip(marked, sequences).enumerated() where now.rawValue < earlier {
      throw MailboxError(
        .stopped,
        "shard \(number) has \(now.rawValue) changes and had \(earlier) when pack files were last compacted: its rows are lost, or "
          + "older than the mail. Nothing was compacted. Bring the shard back, or remove \(path) to give up its mail")
    }
  }

  /// Durable when it returns; before anything is swept.
  func write(_ sequences: [SequenceNumber]) throws {
    let line = (["marked"] + sequences.map { "\($0.rawValue)" }).joined(separator: " ") + "\n"
    try fileSystem.replaceFile(path, with: Array(line.utf8))
  }
}
