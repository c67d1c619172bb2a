import ArgumentParser
import Bytes
import Foundation
import Index
import MailStore
import Query

/// Commits mails alone and durably, journal and index, and finds each through a fresh snapshot before the next. The mailbox is in
/// memory, as that of a user who reads; with `--users` each is read by the first look into it. (`cold` tells what reading takes.)
struct Durable: ParsableCommand {
  @Option var docs: String
  @Option var dir: String
  @Option var limit: Int
  @Option var start = 0
  @Option var step = 1
  @Flag var users = false

  func run() throws {
    let documents = try Document.read(docs, limit: nil).enumerated().filter { $0.offset % step == 0 }.prefix(limit)
    let bench = try BenchIndex(dir, hasUsers: users)
    let journal = try Journal.open(fileSystem: PosixFileSystem(), directory: dir + "/journal", shard: 0)
    var journalSequence = journal.lastSequence
    var (commits, sights) = (Distribution(), Distribution())
    var notVisible = 0
    if start > 0, let user = bench.user(nil) { _ = try bench.snapshot(user) }
    let (meter, sizeBefore) = (Meter(), Meter.byteCount(ofFilesIn: dir + "/index"))
    for (number, (offset, document)) in documents.enumerated() {
      let probe = "zqprobe\(number)"
      let began = ContinuousClock.now
      let mutation = bench.mutation(document, rank: start + offset + 1, appending: "\n" + probe)
      journalSequence = journalSequence.next
      try journal.append([Self.record(mutation, journalSequence)])
      try journal.sync()
      bench.apply([mutation])
      let committed = ContinuousClock.now
      let found = try bench.search(
        AnalyzedQuery(parseQuery(probe).root, bench.analyzers), mutation.user, wantsTotal: true
      ).total
      let seen = ContinuousClock.now
      if found != 1 { notVisible += 1 }
      commits.values.append((committed - began).seconds * 1e3)
      sights.values.append((seen - committed).seconds * 1e3)
    }
    try bench.index.flush()
    try bench.compact(fully: false)
    let seconds = (commits.values.reduce(0, +) + sights.values.reduce(0, +)) / 1e3
    let mails = Double(documents.count)
    let text = documents.reduce(0) { $0 + $1.element.textByteCount }
    let written = meter.writtenByteCount
    let growth = Meter.byteCount(ofFilesIn: dir + "/index") - sizeBefore
    try bench.ledger.write(dir)
    try printJSON(
      [
        "mails": documents.count, "seconds": rounded(seconds), "mails_s": rounded(mails / seconds),
        "commit_ms": commits.summary, "see_ms": sights.summary, "not_visible": notVisible,
        "written_mail": rounded(Double(written) / mails), "text_mail": rounded(Double(text) / mails),
        "bytes_mail": rounded(Double(growth) / mails), "rss_mb": rounded(Meter.residentMegabytes),
      ] as [String: Any])
  }

  /// The journal's record of a new message, as the write door makes it.
  private static func record(_ mutation: IndexMutation, _ sequence: SequenceNumber) throws -> JournalRecord {
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
