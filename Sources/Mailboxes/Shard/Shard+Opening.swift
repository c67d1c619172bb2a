import Analysis
import Bytes
import Index
import Logging
import MailStore

extension Shard {
  /// Opens a shard's files and brings both views up to its journal, whatever the last process was doing when it ended.
  ///
  /// - Throws: `StoreError` or `IndexError` for files that are damaged or of a newer version.
  convenience init(
    opening number: Int, directory: String, fileSystem: any FileSystem, analyzers: AnalyzerSet, clock: any WallClock,
    board: SequenceBoard, arrivals: ArrivalSources, pacer: CompactionPacer, logger: Logger, options: ShardOptions
  ) throws {
    try fileSystem.createDirectory(directory + "/journal")
    try fileSystem.createDirectory(directory + "/index")
    let view = try MetadataView(path: directory + "/mail.sqlite", fileSystem: options.viewFileSystem)
    // Before a torn tail is cut: a journal that ends before what its views hold has lost something durable.
    let indexed = ShardIndex.durableSequence(fileSystem: fileSystem, directory: directory + "/index")
    let journal = try Journal.open(
      fileSystem: fileSystem, directory: directory + "/journal", shard: UInt32(number), options: options.journal,
      mustReach: max(view.appliedSequence, indexed))
    // A damaged run or manifest must not keep the door shut: the mail is whole, and `reindex` makes them anew from it.
    let index = try ShardIndex.open(
      fileSystem: fileSystem, directory: directory + "/index", analyzers: analyzers,
      options: IndexOptions(
        leavesOutDamagedRuns: true,
        replayableAfter: SequenceNumber(rawValue: journal.firstSequence.rawValue - 1)),
      logger: logger)
    for problem in index.damagedFiles {
      logger.error(
        "part of the index is damaged; run 'maildex verify --repair'",
        metadata: ["shard": "\(number)", "problem": "\(problem)"])
    }
    let replayed = try Self.replay(journal, into: view, and: index, analyzers: analyzers)
    if replayed > 0 {
      logger.info("shard caught up from its journal", metadata: ["shard": "\(number)", "records": "\(replayed)"])
    }
    let writer = ShardWriter(
      journal: journal, view: view, index: index, clock: clock, board: board,
      standing: StandingSearches(
        arrivals, index: index, patience: options.matchingTime, logger: logger),
      sizes: MailboxSizes(try view.read { try $0.byteCounts() }), logger: logger, lastSequence: journal.lastSequence,
      options: options)
    self.init(
      number: number, writer: writer, view: view, index: index, pacer: pacer, logger: logger, options: options)
  }

  /// - Returns: the number of records that at least one view lacked.
  private static func replay(
    _ journal: Journal, into view: MetadataView, and index: ShardIndex, analyzers: AnalyzerSet
  ) throws -> Int {
    let viewStart = view.appliedSequence
    let indexStart = index.appliedSequence
    var count = 0
    var changed = ChangedPlaces()
    try journal.replay(after: min(viewStart, indexStart)) { record in
      count += 1
      if record.sequence > viewStart { try view.apply(record) }
      if record.sequence > indexStart {
        changed.note(record)
        index.apply(
          try mutations(of: record, analyzers: analyzers), shardSequence: record.sequence,
          userSequences: userSequences(of: record))
      }
    }
    if count > 0 { try view.commit() }
    // The rows are as of the last record, as everything in the index must be that a later flush promises.
    try changed.forEachUser(in: view) { mutations in
      index.apply(mutations, shardSequence: journal.lastSequence, userSequences: [:])
    }
    return count
  }

  private static func userSequences(of record: JournalRecord) -> [UserID: SequenceNumber] {
    var sequences: [UserID: SequenceNumber] = [:]
    for change in record.changes where change.body.takesUserSequence { sequences[change.user] = change.userSequence }
    return sequences
  }

  /// What a record means for the index by itself: mail that comes, goes and is read again, and users who are gone. Where mail went that was there
  /// is asked of the rows in the end (`ChangedPlaces`).
  private static func mutations(of record: JournalRecord, analyzers: AnalyzerSet) throws -> [IndexMutation] {
    try record.changes.compactMap { change in
      switch change.body {
      case .messageAdded(let row, let frame, _, _):
        .add(change.user, row.docID, row.attributes, try EncodedRecord.make(frame: frame, analyzers))
      case .messageReread(let docID, let frame, _) where !frame.isEmpty:
        .replaceRecord(change.user, docID, try EncodedRecord.make(frame: frame, analyzers))
      case .messageRemoved(let docID): .remove(change.user, docID)
      case .mailboxRemoved: .removeUser(change.user)
      default: nil
      }
    }
  }
}
