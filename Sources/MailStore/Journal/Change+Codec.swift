package import Bytes

// The bytes of a record inside a journal frame; docs/formats/journal.md has the grammar and a worked example.

extension JournalRecord {
  /// The sequence is not part of the bytes: it follows from the frame's.
  package func encode(into writer: inout ByteWriter) {
    writer.writeVarint(changes.count)
    for change in changes { change.encode(into: &writer) }
  }

  package init(sequence: SequenceNumber, from reader: inout ByteReader) throws(DecodingError) {
    var changes: [Change] = []
    for _ in 0..<(try reader.readCount()) { changes.append(try Change(from: &reader)) }
    self.init(sequence: sequence, changes: changes)
  }
}

/// The byte that says which change follows. A number is never given a second meaning.
private enum ChangeKind: UInt8 {
  case messageAdded = 1
  case messageUpdated = 2
  case messageRemoved = 3
  case threadsMerged = 4
  case folderCreated = 5
  case folderRenamed = 6
  case folderRemoved = 7
  case queueItemFinished = 8
  case mailboxRemoved = 9
  case searchSaved = 10
  case searchRemoved = 11
  case messageMatched = 12
  case documentsMissed = 13
  case messageReread = 14
  /// `messageAdded` of a mail that filters have seen.
  case judgedMessageAdded = 15
}

extension Change {
  package func encode(into writer: inout ByteWriter) {
    writer.writeVarint(UInt64(user.rawValue))
    writer.writeVarint(userSequence.rawValue)
    switch body {
    case .messageAdded(let row, let record, let queueItem, let threadKeys):
      let kind: ChangeKind = row.verdict == nil ? .messageAdded : .judgedMessageAdded
      writer.write(kind.rawValue)
      row.encode(into: &writer)
      writer.writeLengthPrefixed(record)
      // An item's number plus one, so that 0 says "not from the queue".
      writer.writeVarint(queueItem.map { $0.rawValue &+ 1 } ?? 0)
      threadKeys.encode(into: &writer)
    case .messageUpdated(let docID, let folder, let flags, let labels):
      writer.write(ChangeKind.messageUpdated.rawValue)
      writer.writeVarint(UInt64(docID.rawValue))
      writer.writeVarint(UInt64(folder.rawValue))
      writer.write(flags.rawValue)
      writer.writeList(labels)
    case .messageRemoved(let docID):
      writer.write(ChangeKind.messageRemoved.rawValue)
      writer.writeVarint(UInt64(docID.rawValue))
    case .threadsMerged(let from, let into):
      writer.write(ChangeKind.threadsMerged.rawValue)
      writer.writeVarint(UInt64(into.rawValue))
      writer.writeVarint(from.count)
      for thread in from { writer.writeVarint(UInt64(thread.rawValue)) }
    case .folderCreated(let folder):
      writer.write(ChangeKind.folderCreated.rawValue)
      writer.writeVarint(UInt64(folder.id.rawValue))
      writer.write(folder.publicID)
      writer.writeLengthPrefixed(folder.name)
      writer.write(folder.role?.rawValue ?? 0)
    case .folderRenamed(let folder, let name):
      writer.write(ChangeKind.folderRenamed.rawValue)
      writer.writeVarint(UInt64(folder.rawValue))
      writer.writeLengthPrefixed(name)
    case .folderRemoved(let folder):
      writer.write(ChangeKind.folderRemoved.rawValue)
      writer.writeVarint(UInt64(folder.rawValue))
    case .queueItemFinished(let item):
      writer.write(ChangeKind.queueItemFinished.rawValue)
      writer.writeVarint(item.rawValue)
    case .mailboxRemoved:
      writer.write(ChangeKind.mailboxRemoved.rawValue)
    case .searchSaved(let search):
      writer.write(ChangeKind.searchSaved.rawValue)
      search.encode(into: &writer)
    case .searchRemoved(let search):
      writer.write(ChangeKind.searchRemoved.rawValue)
      writer.write(search.rawValue)
    case .messageMatched(let docID, let searches):
      writer.write(ChangeKind.messageMatched.rawValue)
      writer.writeVarint(UInt64(docID.rawValue))
      writer.writeVarint(searches.count)
      for search in searches { writer.write(search.rawValue) }
    case .documentsMissed(let docID, let retry):
      writer.write(ChangeKind.documentsMissed.rawValue)
      writer.writeVarint(UInt64(docID.rawValue))
      DocumentRetry.encode(retry, into: &writer)
    case .messageReread(let docID, let record, let defects):
      writer.write(ChangeKind.messageReread.rawValue)
      writer.writeVarint(UInt64(docID.rawValue))
      writer.writeLengthPrefixed(record)
      writer.writeList(defects)
    }
  }

  package init(from reader: inout ByteReader) throws(DecodingError) {
    let user = UserID(rawValue: try reader.readVarint32())
    let sequence = SequenceNumber(rawValue: try reader.readVarint())
    self.init(user: user, userSequence: sequence, body: try ChangeBody(of: user, from: &reader))
  }
}

extension ChangeBody {
  fileprivate init(of user: UserID, from reader: inout ByteReader) throws(DecodingError) {
    let number = try reader.readUInt8()
    guard let kind = ChangeKind(rawValue: number) else {
      throw DecodingError(offset: reader.offset - 1, message: "expected a kind of change, found \(number)")
    }
    switch kind {
    case .messageAdded, .judgedMessageAdded:
      let row = try MessageRow(user: user, from: &reader, isJudged: kind == .judgedMessageAdded)
      let record = Array(try reader.readLengthPrefixed())
      let item = try reader.readVarint()
      self = .messageAdded(
        row, record: record, queueItem: item == 0 ? nil : QueueItemID(rawValue: item - 1),
        threadKeys: try ThreadKeys(from: &reader))
    case .messageUpdated:
      self = .messageUpdated(
        DocID(rawValue: try reader.readVarint32()), folder: FolderID(rawValue: try reader.readVarint32()),
        flags: MessageFlags(rawValue: try reader.readUInt8()), labels: try reader.readList())
    case .messageRemoved:
      self = .messageRemoved(DocID(rawValue: try reader.readVarint32()))
    case .threadsMerged:
      let into = ThreadID(rawValue: try reader.readVarint32())
      var from: [ThreadID] = []
      for _ in 0..<(try reader.readCount()) { from.append(ThreadID(rawValue: try reader.readVarint32())) }
      self = .threadsMerged(from: from, into: into)
    case .folderCreated:
      self = .folderCreated(try FolderRow(from: &reader))
    case .folderRenamed:
      self = .folderRenamed(FolderID(rawValue: try reader.readVarint32()), name: try reader.readString())
    case .folderRemoved:
      self = .folderRemoved(FolderID(rawValue: try reader.readVarint32()))
    case .queueItemFinished:
      self = .queueItemFinished(QueueItemID(rawValue: try reader.readVarint()))
    case .mailboxRemoved:
      self = .mailboxRemoved
    case .searchSaved:
      self = .searchSaved(try SavedSearch(from: &reader))
    case .searchRemoved:
      self = .searchRemoved(SavedSearchID(rawValue: try reader.readUInt64()))
    case .messageMatched:
      let docID = DocID(rawValue: try reader.readVarint32())
      var searches: [SavedSearchID] = []
      for _ in 0..<(try reader.readCount()) { searches.append(SavedSearchID(rawValue: try reader.readUInt64())) }
      self = .messageMatched(docID, searches: searches)
    case .documentsMissed:
      self = .documentsMissed(DocID(rawValue: try reader.readVarint32()), try DocumentRetry.decode(from: &reader))
    case .messageReread:
      self = .messageReread(
        DocID(rawValue: try reader.readVarint32()), record: Array(try reader.readLengthPrefixed()),
        defects: try reader.readList())
    }
  }
}

extension FolderRow {
  fileprivate init(from reader: inout ByteReader) throws(DecodingError) {
    let id = FolderID(rawValue: try reader.readVarint32())
    let publicID = try reader.readUInt64()
    let name = try reader.readString()
    let number = try reader.readUInt8()
    let role = FolderRole(rawValue: number)
    if role == nil && number != 0 {
      throw DecodingError(offset: reader.offset - 1, message: "expected a folder's role, found \(number)")
    }
    self.init(id: id, publicID: publicID, name: name, role: role)
  }
}
