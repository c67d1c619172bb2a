import Analysis
import Bytes
import Index
import MailStore

@testable import Mailboxes

/// A mail as a test thinks of it. Its original holds subject and body, so that a text record can be made again from it.
struct Letter: Sendable {
  var subject: String
  var body = ""
  var from = "dan@example.net"
  var references: [String] = []
  /// Of arrival, in minutes after the clock's start.
  var minute: Int64 = 0
  var flags: MessageFlags = []
  var labels: [String] = []
  var destination = NewMessage.Destination.role(.inbox)
  var item: UInt64?
  var skipsKnownContent = false
  var trace = ""
  var fileNames: [String] = []
  var missedReason: String?

  /// The Message-ID that answers to a letter of this subject refer to.
  static func messageID(_ subject: String) -> String {
    "\(subject.replacing(" ", with: "-"))@example.net"
  }

  var original: [UInt8] { Array("Subject: \(subject)\r\n\r\n\(body)\r\n".utf8) }

  func message(storedAt original: BlobReference, _ analyzers: AnalyzerSet) -> NewMessage {
    var summary = MessageSummary()
    summary.subject = subject
    summary.from = [MessageSummary.Address(name: nil, address: from)]
    summary.messageID = Self.messageID(subject)
    summary.attachments = fileNames.enumerated().map { position, name in
      MessageSummary.Attachment(
        partPath: "\(position + 2)", filename: name, contentType: "application/pdf", contentID: nil, isInline: false,
        byteCount: 1)
    }
    var record = Self.record(of: self.original)
    record.from = [ExtractedTextRecord.Address(name: nil, address: from)]
    record.messageID = summary.messageID
    record.attachmentNames = fileNames
    record.kinds = FileKinds(ofNames: fileNames)
    if missedReason != nil { summary.defects = ["unread-attachment"] }
    return NewMessage(
      destination: destination, flags: flags, labels: labels,
      receivedAt: Timestamp(rawValue: ManualClock.start.rawValue + minute * 60_000), size: UInt64(self.original.count),
      original: original, trace: trace, contentHash: UInt64(CRC32C.checksum(self.original)), summary: summary,
      inReplyTo: [], references: references.map(Self.messageID), record: EncodedRecord.make(record, analyzers),
      queueItem: item.map(QueueItemID.init(rawValue:)), skipsKnownContent: skipsKnownContent,
      missedReason: missedReason)
  }

  static func remade(
    _ user: UserID, _ original: [UInt8], _ earlier: () throws -> ExtractedTextRecord?
  ) -> RemadeRecord { RemadeRecord(record: record(of: original)) }

  /// What the text of an original is, as an extractor would tell it.
  static func record(of original: [UInt8]) -> ExtractedTextRecord {
    let text = String(decoding: original, as: UTF8.self)
    var record = ExtractedTextRecord()
    let lines = text.split(separator: "\r\n", maxSplits: 1)
    record.subject = String(lines.first?.dropFirst("Subject: ".count) ?? "")
    record.body = lines.count > 1 ? String(lines[1]) : ""
    return record
  }
}
