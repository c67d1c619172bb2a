import Index
import MailFormat

extension ExtractedTextRecord {
  /// What is searchable of a mail. Nested mails and texts found in attachments count as attachment text.
  init(_ mail: ParsedMail) {
    self.init()
    subject = mail.subject
    from = Self.people(mail.from + (mail.sender.map { mail.from.contains($0) ? [] : [$0] } ?? []))
    to = Self.people(mail.to)
    cc = Self.people(mail.cc)
    bcc = Self.people(mail.bcc)
    replyTo = Self.people(mail.replyTo)
    body = mail.text
    attachmentNames = mail.attachments.compactMap(\.filename)
    attachmentTexts = mail.attachmentTexts.map { AttachmentText(filename: $0.filename, text: $0.text) }
    listID = mail.listID
    messageID = mail.messageID
    kinds = FileKinds(mail.attachments.lazy.map { ($0.contentType, $0.filename) })
  }

  private static func people(_ list: [EmailAddress]) -> [Address] {
    list.map { Address(name: $0.name, address: $0.address) }
  }
}
