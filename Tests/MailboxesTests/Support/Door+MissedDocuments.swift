import Bytes
import Index
import MailStore
import Testing

@testable import Mailboxes

extension Door {
  /// A mail whose document was missed.
  static let missing = Letter(
    subject: "Tides", body: "periwinkle", trace: "Received: by mx.example.com\r\n", missedReason: "busy")

  /// When any try is due.
  static let aDay = Duration.seconds(86_400)

  /// The message with what its document says.
  func reread(_ tried: DocumentTry, saying text: String = "cormorant") throws -> RereadMessage {
    let earlier = try #require(try mailboxes.textRecord(of: tried.row))
    var record = earlier
    record.attachmentTexts.append(ExtractedTextRecord.AttachmentText(filename: "a.pdf", text: text))
    return RereadMessage(
      record: EncodedRecord.make(record, Self.analyzers), earlier: EncodedRecord.make(earlier, Self.analyzers),
      defects: [])
  }

  /// Tries everything that is due, each document with success.
  func readDueDocuments(saying text: String = "cormorant") async throws {
    var turns = DocumentTurns()
    while let tried = try await mailboxes.beginDueTry(&turns) {
      #expect(try await mailboxes.end(tried, try reread(tried, saying: text), missing: nil))
    }
  }

  func missed(of user: UserID = alice) async throws -> [DocumentRetry] {
    try await mailboxes.missedDocuments(of: user, limit: 100).map(\.retry)
  }
}
