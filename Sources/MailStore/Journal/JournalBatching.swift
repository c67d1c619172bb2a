import Bytes

extension Journal {
  /// A writer syncs when the records it has appended come to about so many bytes. More in one batch gains nothing, and
  /// costs memory and the time of everybody who waits; a single record may be larger.
  package static let preferredBatchByteCount = 8 << 20
}

extension JournalRecord {
  /// About what the record adds to a batch, without encoding it: never less than its mails' texts.
  package var estimatedByteCount: Int { changes.reduce(0) { $0 + $1.body.estimatedByteCount } }
}

extension ChangeBody {
  fileprivate var estimatedByteCount: Int {
    switch self {
    case .messageAdded(let row, let record, _, let keys):
      128 + record.count + row.trace.utf8.count + 8 * keys.messageIDs.count + row.summary.estimatedByteCount
        + row.labels.estimatedByteCount
    case .messageUpdated(_, _, _, let labels): 32 + labels.estimatedByteCount
    case .threadsMerged(let from, _): 32 + 5 * from.count
    case .folderCreated(let folder): 32 + folder.name.utf8.count
    case .folderRenamed(_, let name): 32 + name.utf8.count
    case .searchSaved(let search): 48 + search.name.utf8.count + search.query.utf8.count
    case .messageMatched(_, let searches): 32 + 8 * searches.count
    case .documentsMissed(_, let retry): 48 + (retry?.reason.utf8.count ?? 0)
    case .messageReread(_, let record, let defects): 48 + record.count + defects.estimatedByteCount
    case .messageRemoved, .folderRemoved, .queueItemFinished, .mailboxRemoved, .searchRemoved: 32
    }
  }
}

extension MessageSummary {
  fileprivate var estimatedByteCount: Int {
    var count = 32 + subject.utf8.count + (messageID?.utf8.count ?? 0) + defects.estimatedByteCount
    for address in [from, to, cc, bcc, replyTo].joined() {
      count += 4 + (address.name?.utf8.count ?? 0) + address.address.utf8.count
    }
    for attachment in attachments {
      count += 24 + attachment.partPath.utf8.count + attachment.contentType.utf8.count
      count += (attachment.filename?.utf8.count ?? 0) + (attachment.contentID?.utf8.count ?? 0)
    }
    return count
  }
}

extension [String] {
  fileprivate var estimatedByteCount: Int { reduce(0) { $0 + 4 + $1.utf8.count } }
}
