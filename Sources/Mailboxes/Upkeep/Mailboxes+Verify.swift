import Bytes
import Index
import MailStore

/// What `verify` looked at and what it found wrong; nothing found is an empty list.
package struct VerifyReport: Sendable {
  package var files = 0
  package var messages = 0
  package var byteCount: UInt64 = 0
  /// Each names the file or the message, and what to do where something can be done.
  package var problems: [String] = []
}

extension Mailboxes {
  /// Checks every checksum, that rows, index and counters agree, and that no stored original is missing. Changes
  /// nothing. Blocks for as long as reading everything takes; other work goes on meanwhile.
  package func verify(report progress: (VerifyReport) -> Void) throws -> VerifyReport {
    var report = VerifyReport()
    let packs = try packs.verify()
    report.files += packs.fileCount
    report.byteCount += packs.byteCount
    report.problems += packs.problems.map { "pack: \($0)" }
    progress(report)
    for shard in shards {
      report.problems += try shard.index.verify().map {
        "index of shard \(shard.number): \($0); run 'maildex verify --repair'"
      }
      for user in try shard.users() { try verify(user, in: shard, &report) }
      progress(report)
    }
    return report
  }

  private func verify(_ user: UserID, in shard: Shard, _ report: inout VerifyReport) throws {
    let counts = try shard.read(for: user) { try $0.counts(user) }
    report.messages += counts.messages
    for folder in counts.miscounted {
      report.problems.append("user \(user), folder \(folder): its counters differ from its messages")
    }
    if counts.keptByteCount != counts.byteCount {
      report.problems.append(
        "user \(user): its messages take \(counts.byteCount) bytes, and \(counts.keptByteCount) are counted for "
          + "its quota")
    }
    let documents = try shard.read(for: user) { try $0.allAttributes(user).map(\.docID) }
    try verifyIndex(of: user, in: shard, &report)
    for chunk in stride(from: 0, to: documents.count, by: 1_000) {
      let docIDs = Array(documents[chunk..<min(chunk + 1_000, documents.count)])
      let rows = try shard.read(for: user) { try $0.rows(user, docIDs) }
      for row in rows { verifyBlobs(of: row, &report) }
    }
  }

  private func verifyBlobs(of row: MessageRow, _ report: inout VerifyReport) {
    // Only what has attachments may be stored apart from them.
    let attachments = row.summary.attachments.isEmpty ? [] : originals.attachmentBlobs(of: row.original)
    for (kind, blobs) in [("its original", [row.original]), ("an attachment", attachments)] {
      for missing in packs.missing(of: blobs) {
        report.problems.append("user \(row.user), message \(row.docID): \(kind) is missing: \(missing)")
      }
    }
  }

  /// The index decides nothing, but must show exactly the messages that the rows have.
  private func verifyIndex(of user: UserID, in shard: Shard, _ report: inout VerifyReport) throws {
    let before = try Self.attributes(of: user, in: shard)
    let shown = try shard.snapshot(of: user).attributes
    // A damaged file is named already.
    let stored = try? shard.index.storedAttributes(of: user)?.attributes
    let withRecord = try shard.index.documentsWithRecord(user)
    let after = try Self.attributes(of: user, in: shard)
    // Mail comes and goes meanwhile, and is no difference.
    for docID in before.rows.live.subtracting(withRecord).docIDs where after.rows.live.contains(docID) {
      report.problems.append("user \(user), message \(docID): no text in the index; run 'maildex verify --repair'")
    }
    guard before.sequence == after.sequence else { return }
    let differing = shown.documents(differingFrom: before.rows).count
    if differing > 0 {
      report.problems.append(
        "user \(user): \(differing) messages differ between rows and index; run 'maildex verify --repair'")
    }
    let differingOnDisk = stored?.documents(differingFrom: before.rows).count ?? 0
    if differingOnDisk > 0 {
      report.problems.append(
        "user \(user): \(differingOnDisk) messages differ between rows and the index's attribute files; "
          + "run 'maildex verify --repair'")
    }
  }

  static func attributes(
    of user: UserID, in shard: Shard
  ) throws -> (rows: UserAttributes, sequence: SequenceNumber) {
    try shard.read(for: user) { reader in
      var builder = UserAttributesBuilder()
      try reader.forEachAttributes(user) { builder.append($0.docID, DocumentAttributes($0)) }
      return (builder.finish(), try reader.lastUserSequence(user))
    }
  }
}
