package import Analysis
import Crypto
package import Index
package import MailFormat
package import MailStore

/// Turns the bytes of one mail into everything that is stored and indexed about it. A function of the bytes and the analyzers,
/// but that a document whose reader failed is left out. Run on ingest threads, which may wait for such readers.
package struct MailExtractor: Sendable {
  private let parser: MailParser
  private let analyzers: AnalyzerSet

  /// - Parameter documents: reads what documents among the attachments say; nil leaves that out.
  package init(limits: MailLimits = .default, analyzers: AnalyzerSet, documents: (any DocumentTextSource)? = nil) {
    parser = MailParser(limits: limits, documents: documents)
    self.analyzers = analyzers
  }

  package func extract(_ bytes: [UInt8]) -> ExtractedMail {
    let mail = parser.parse(bytes)
    return ExtractedMail(
      mail: mail, summary: MessageSummary(mail),
      record: EncodedRecord.make(ExtractedTextRecord(mail), analyzers),
      contentHash: Self.contentHash(of: bytes))
  }

  /// Only what is searchable, for a rebuild of the index.
  package func textRecord(of bytes: [UInt8]) -> ExtractedTextRecord { ExtractedTextRecord(parser.parse(bytes)) }

  /// The first eight bytes, big-endian, of the SHA-256.
  package static func contentHash(of bytes: [UInt8]) -> UInt64 {
    SHA256.hash(data: bytes).prefix(8).reduce(0) { $0 << 8 | UInt64($1) }
  }
}

/// One mail taken apart.
package struct ExtractedMail: Sendable {
  package let mail: ParsedMail
  package let summary: MessageSummary
  package let record: EncodedRecord
  package let contentHash: UInt64

  /// Parts shown inline by Content-ID and signature parts do not count.
  package var hasAttachment: Bool { mail.attachments.contains { !$0.isInline && !$0.isSignature } }
}
