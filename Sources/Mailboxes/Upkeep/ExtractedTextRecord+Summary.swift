import Index
import MailStore

extension ExtractedTextRecord {
  /// What can be searched of a mail whose original is lost.
  init(_ summary: MessageSummary) {
    self.init()
    subject = summary.subject
    from = Self.people(summary.from)
    to = Self.people(summary.to)
    cc = Self.people(summary.cc)
    bcc = Self.people(summary.bcc)
    replyTo = Self.people(summary.replyTo)
    attachmentNames = summary.attachments.compactMap(\.filename)
    messageID = summary.messageID
    kinds = FileKinds(summary.attachments.lazy.map { ($0.contentType, $0.filename) })
  }

  private static func people(_ list: [MessageSummary.Address]) -> [Address] {
    list.map { Address(name: $0.name, address: $0.address) }
  }
}
