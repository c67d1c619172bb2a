import ArgumentParser
import Bytes
import Index
import MailStore
import Query

/// The index, and a journal of what goes into it. Mails that arrive together share a sync.
final class JournalledIndex: MailSink {
  typealias Mail = (document: Document, rank: Int)

  private let bench: BenchIndex
  private let directory: String
  private let group: GroupCommit<(mail: Mail, record: EncodedRecord)>

  /// - Parameter warms: reads the one mailbox, as that of a user who reads is in memory.
  init(_ directory: String, hasUsers: Bool, warms: Bool) throws {
    let bench = try BenchIndex(directory, hasUsers: hasUsers)
    if warms, let user = bench.user(nil) { _ = try bench.snapshot(user) }
    let journal = try Journal.open(fileSystem: PosixFileSystem(), directory: directory + "/journal", shard: 0)
    let sequence = Locked(journal.lastSequence)
    group = GroupCommit { mails in
      let mutations = mails.map { bench.mutation($0.mail.document, $0.record, rank: $0.mail.rank) }
      let records = try sequence.withLock { sequence in
        try mutations.map { mutation in
          sequence = sequence.next
          return try Self.journalRecord(mutation, sequence)
        }
      }
      try journal.append(records)
      try journal.sync()
      bench.apply(mutations)
    }
    self.bench = bench
    self.directory = directory
  }

  func prepare(_ document: Document, rank: Int) -> Mail { (document, rank) }

  func commit(_ mail: Mail) async throws {
    try await group((mail, EncodedRecord.make(mail.document.record, bench.analyzers)))
  }

  func count(of word: String, in document: Document) throws -> Int {
    guard let user = bench.user(document.u) else { return 0 }
    let query = try AnalyzedQuery(parseQuery(word).root, bench.analyzers)
    return try bench.search(query, user, wantsTotal: true).total ?? 0
  }

  func settle() throws {
    try bench.index.flush()
    try bench.compact(fully: false)
    try bench.ledger.write(directory)
  }

  var byteCount: Int { Meter.byteCount(ofFilesIn: directory + "/index") }

  /// The journal's record of a new message, as the write door makes it.
  private static func journalRecord(_ mutation: IndexMutation, _ sequence: SequenceNumber) throws -> JournalRecord {
    guard case .add(let user, let docID, let attributes, let record) = mutation else {
      throw ValidationError("only additions are measured")
    }
    var random = SystemRandomNumberGenerator()
    let row = MessageRow(
      user: user, docID: docID, id: MessageID(at: attributes.receivedAt, docID: docID, using: &random),
      folder: attributes.folder, thread: ThreadID(rawValue: docID.rawValue), receivedAt: attributes.receivedAt,
      flags: [], labels: [], size: attributes.size, original: BlobReference(pack: 1, offset: 0, byteCount: 1),
      trace: "", contentHash: 0, summary: MessageSummary())
    let body = ChangeBody.messageAdded(row, record: record.frame, queueItem: nil, threadKeys: .none)
    return JournalRecord(sequence: sequence, changes: [Change(user: user, userSequence: sequence, body: body)])
  }
}
