package import Bytes
package import MailStore

/// What a caller wants changed about messages; `nil` leaves a thing as it is.
package struct MessageUpdate: Sendable, Equatable {
  package var isRead: Bool?
  package var isStarred: Bool?
  package var isReplied: Bool?
  package var folder: FolderID?
  package var labels: [String]?

  package init(
    isRead: Bool? = nil, isStarred: Bool? = nil, isReplied: Bool? = nil, folder: FolderID? = nil,
    labels: [String]? = nil
  ) {
    self.isRead = isRead
    self.isStarred = isStarred
    self.isReplied = isReplied
    self.folder = folder
    self.labels = labels
  }

  /// The row as it would be after the update.
  func applied(to row: MessageRow) -> MessageRow {
    var row = row
    row.flags.set(.read, to: isRead)
    row.flags.set(.starred, to: isStarred)
    row.flags.set(.replied, to: isReplied)
    if let folder { row.folder = folder }
    if let labels { row.labels = Set(labels).sorted() }
    return row
  }
}

extension MessageFlags {
  fileprivate mutating func set(_ flag: MessageFlags, to value: Bool?) {
    switch value {
    case true?: insert(flag)
    case false?: remove(flag)
    case nil: break
    }
  }
}

/// The rows after a write, and the user's sequence that includes it: a search with `minimumSequence` of it sees it.
package struct WriteAnswer: Sendable {
  package let rows: [MessageRow]
  package let sequence: SequenceNumber

  package init(rows: [MessageRow], sequence: SequenceNumber) {
    self.rows = rows
    self.sequence = sequence
  }
}
