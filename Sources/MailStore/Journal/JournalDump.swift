import Bytes

/// A journal file as text, for people: one line for the header, each frame, each record and each change, and one that
/// says how the file ends. Subjects and text stay out of it.
package struct JournalDump: CustomStringConvertible {
  private var lines: [String] = []

  package init(_ bytes: [UInt8]) {
    guard let header = try? JournalHeader(bytes.prefix(JournalFormat.headerByteCount)) else {
      lines = ["not a journal file, or one that has not begun"]
      return
    }
    lines.append(Self.line(header))
    var cursor = JournalFrameCursor(bytes, salt: header.salt)
    while let frame = cursor.next() { lines += Self.lines(of: frame) }
    let end = cursor.isCleanEnd ? "end" : cursor.end.map { "expected \($0.expected), found \($0.found)" } ?? "end"
    lines.append("\(cursor.offset): \(end)")
  }

  package var description: String { lines.joined(separator: "\n") + "\n" }

  static func line(_ header: JournalHeader) -> String {
    "journal version \(header.version) shard \(header.shard) from \(header.firstSequence) salt \(header.salt.hex)"
  }

  /// - Parameter user: whose changes alone are shown.
  static func lines(of frame: JournalFrameCursor.Frame, _ user: UserID? = nil) -> [String] {
    let start = "\(frame.offset): frame of \(frame.payload.count) bytes"
    guard let records = try? frame.records() else { return [start, "  records of another version"] }
    var lines: [String] = []
    for record in records {
      let changes = record.changes.filter { user == nil || $0.user == user }
      if user != nil, changes.isEmpty { continue }
      lines.append("  \(record.sequence)")
      for change in changes { lines.append("    \(change.user) \(change.userSequence) \(change.body.digest)") }
    }
    return lines.isEmpty && user != nil ? [] : [start] + lines
  }
}

extension ChangeBody {
  fileprivate var digest: String {
    switch self {
    case .messageAdded(let row, let record, let item, let keys):
      """
      added \(row.docID) \(row.id) in \(row.folder) thread \(row.thread.rawValue), text \(record.count) bytes, \
      queue item \(item.map { "\($0.rawValue)" } ?? "none"), \(keys.messageIDs.count) message ids
      """
    case .messageUpdated(let docID, let folder, let flags, let labels):
      "updated \(docID) in \(folder) flags \(flags.rawValue) labels \(labels.count)"
    case .messageRemoved(let docID): "removed \(docID)"
    case .threadsMerged(let from, let into):
      "merged threads \(from.map { "\($0.rawValue)" }.joined(separator: " ")) into \(into.rawValue)"
    case .folderCreated(let folder): "created \(folder.id) role \(folder.role?.name ?? "none")"
    case .folderRenamed(let folder, _): "renamed \(folder)"
    case .folderRemoved(let folder): "removed \(folder)"
    case .queueItemFinished(let item): "finished queue item \(item.rawValue)"
    case .mailboxRemoved: "removed the mailbox"
    case .searchSaved(let search): "saved search \(search.id)\(search.notifies ? ", which notifies" : "")"
    case .searchRemoved(let search): "removed search \(search)"
    case .messageMatched(let docID, let searches): "matched \(docID) by \(searches.count) searches"
    case .documentsMissed(let docID, nil): "missed no documents of \(docID) any more"
    case .documentsMissed(let docID, let retry?):
      "missed documents of \(docID): \(retry.reason), tried again \(retry.tries) times"
    case .messageReread(let docID, let record, let defects):
      "read \(docID) again, text \(record.count) bytes, \(defects.count) defects"
    }
  }
}
