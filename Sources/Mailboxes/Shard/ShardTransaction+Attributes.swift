import Bytes
import Index
import MailStore

extension MessageRow {
  /// What the index keeps about the message beside its text.
  var attributes: DocumentAttributes {
    DocumentAttributes(
      receivedAt: receivedAt, folder: folder, flags: flags.indexFlags, labels: labels, size: size,
      thread: thread.rawValue)
  }
}

extension DocumentAttributes {
  init(_ row: MessageAttributes) {
    self.init(
      receivedAt: row.receivedAt, folder: row.folder, flags: row.flags.indexFlags, labels: row.labels, size: row.size,
      thread: row.thread.rawValue)
  }
}

extension MessageFlags {
  var indexFlags: IndexFlags {
    var flags: IndexFlags = []
    if contains(.read) { flags.insert(.isRead) }
    if contains(.starred) { flags.insert(.isStarred) }
    if contains(.replied) { flags.insert(.isReplied) }
    if contains(.hasAttachment) { flags.insert(.hasAttachment) }
    return flags
  }
}
