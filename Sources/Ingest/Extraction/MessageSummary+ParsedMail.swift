import MailFormat
import MailStore

extension MessageSummary {
  /// Lists are cut at these sizes so that no hostile header makes every list slow; the original keeps all.
  private static let maxAddresses = 1_000
  private static let maxAttachments = 1_000
  private static let maxSubjectCharacters = 4_000

  init(_ mail: ParsedMail) {
    self.init()
    subject = String(mail.subject.prefix(Self.maxSubjectCharacters))
    from = Self.addresses(mail.from)
    to = Self.addresses(mail.to)
    cc = Self.addresses(mail.cc)
    bcc = Self.addresses(mail.bcc)
    replyTo = Self.addresses(mail.replyTo)
    date = mail.date
    messageID = mail.messageID
    attachments = mail.attachments.prefix(Self.maxAttachments).map { part in
      Attachment(
        partPath: part.partPath, filename: part.filename, contentType: part.contentType, contentID: part.contentID,
        isInline: part.isInline, byteCount: UInt64(part.byteCount))
    }
    defects = Self.defects(mail).map(\.rawValue)
  }

  /// That of documents that were missed is no fault of the mail's: it goes when they are read.
  private static func defects(_ mail: ParsedMail) -> [MailDefect] {
    let isMarked = mail.missedDocuments.isEmpty || mail.defects.contains(.unreadAttachment)
    return isMarked ? mail.defects : mail.defects + [.unreadAttachment]
  }

  private static func addresses(_ list: [EmailAddress]) -> [Address] {
    list.prefix(maxAddresses).map { Address(name: $0.name, address: $0.address) }
  }
}
