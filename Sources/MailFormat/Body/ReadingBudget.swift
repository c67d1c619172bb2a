/// How much may still be read of a mail and of the mails inside it, all of them together.
struct ReadingBudget {
  /// Decoded bytes of HTML.
  var htmlByteCount: Int
  /// UTF-8 bytes of attachments' texts, those of nested mails among them.
  var nestedTextByteCount: Int
  /// Decoded bytes of nested mails that have to be decoded to be read: twice the mail itself, so that what lies in memory
  /// of one inside the other is a small multiple of the mail.
  var nestedMailByteCount: Int
  /// Documents, and what reading them may take.
  var documentCount: Int
  var documentTime: Duration

  /// - Parameter byteCount: of the mail.
  init(_ limits: MailLimits, byteCount: Int) {
    htmlByteCount = limits.htmlByteCount
    nestedTextByteCount = limits.textByteCount
    nestedMailByteCount = 2 * min(byteCount, limits.byteCount)
    documentCount = limits.documentCount
    documentTime = limits.documentTime
  }
}
