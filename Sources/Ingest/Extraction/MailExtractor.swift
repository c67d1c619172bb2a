package import Analysis
import Crypto
package import Documents
package import Index
package import MailFormat
package import MailStore
package import Mailboxes

/// Turns the bytes of one mail into everything that is stored and indexed about it. A function of the bytes and the analyzers,
/// but for documents that were missed: those are named. Run on ingest threads, which may wait for readers of documents.
package struct MailExtractor: Sendable {
  private let limits: MailLimits
  private let analyzers: AnalyzerSet
  private let documents: DocumentTexts?

  /// - Parameter documents: reads what documents among the attachments say; nil leaves that out.
  package init(limits: MailLimits = .default, analyzers: AnalyzerSet, documents: DocumentTexts? = nil) {
    self.limits = limits
    self.analyzers = analyzers
    self.documents = documents
  }

  /// - Parameters:
  ///   - claim: on which documents are read.
  ///   - earlier: what is kept of the texts of missed documents; a record of the same mail. They count as missed all the same:
  ///     it may have been made while some were missed, and a try costs little. And what it was given as its Message-ID.
  ///   - submission: what the mail is given where it lacks it; nil for none.
  package func extract(
    _ bytes: [UInt8], for claim: DocumentClaim = DocumentClaim(), keeping earlier: ExtractedTextRecord? = nil,
    completing submission: SubmissionFields? = nil
  ) -> ExtractedMail {
    var mail = parse(bytes, claim)
    let added = submission.map { mail.complete(with: $0) } ?? ""
    var record = ExtractedTextRecord(mail)
    if let earlier {
      record.keepTexts(of: mail.missedDocuments, from: earlier)
      record.messageID = record.messageID ?? earlier.messageID
    }
    return ExtractedMail(
      mail: mail, summary: MessageSummary(mail), record: encode(record),
      contentHash: Self.contentHash(of: bytes), addedFields: added)
  }

  /// Only what is searchable, for a rebuild of the index.
  /// - Parameter earlier: asked where documents were missed: a record of the same mail, whose texts of them are kept.
  package func textRecord(
    of bytes: [UInt8], for claim: DocumentClaim = DocumentClaim(), keeping earlier: () throws -> ExtractedTextRecord?
  ) rethrows -> RemadeRecord {
    var mail = parse(bytes, claim)
    var record = ExtractedTextRecord(mail)
    // What is kept is missed no more.
    if !mail.missedDocuments.isEmpty, let earlier = try earlier() {
      mail.missedDocuments = record.keepTexts(of: mail.missedDocuments, from: earlier)
    }
    return RemadeRecord(
      record: record, missedReason: mail.missedDocuments.first?.reason, defects: MessageSummary(mail).defects)
  }

  /// As the record of a mail is indexed.
  func encode(_ record: ExtractedTextRecord) -> EncodedRecord { EncodedRecord.make(record, analyzers) }

  /// The first eight bytes, big-endian, of the SHA-256.
  package static func contentHash(of bytes: [UInt8]) -> UInt64 {
    SHA256.hash(data: bytes).prefix(8).reduce(0) { $0 << 8 | UInt64($1) }
  }

  private func parse(_ bytes: [UInt8], _ claim: DocumentClaim) -> ParsedMail {
    MailParser(limits: limits, documents: documents.map { ClaimedDocumentTexts($0, for: claim) }).parse(bytes)
  }
}

/// One mail taken apart.
package struct ExtractedMail: Sendable {
  package let mail: ParsedMail
  package let summary: MessageSummary
  package let record: EncodedRecord
  package let contentHash: UInt64
  /// What stands before it, behind the trace: fields that a submitted mail lacked, with CR LF.
  package var addedFields = ""

  /// Parts shown inline by Content-ID and signature parts do not count.
  package var hasAttachment: Bool { mail.attachments.contains { !$0.isInline && !$0.isSignature } }

  /// What kept the first missed document from being read; nil where none was missed.
  package var missedReason: String? { mail.missedDocuments.first?.reason }

  /// Whether documents were missed because the service stopped.
  package var wasStopped: Bool { mail.missedDocuments.contains { $0.reason == DocumentOutcome.stopped.name } }
}
