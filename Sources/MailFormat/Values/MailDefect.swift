/// What is wrong with a mail. Nothing here kept it from being read as far as it could be; the raw values are stored and
/// shown, so they never change.
package enum MailDefect: String, CaseIterable, Hashable, Sendable {
  /// No header field at all.
  case noHeaders = "no-headers"
  /// A line inside the header that is no header field; it was skipped.
  case malformedHeader = "malformed-header"
  /// Bytes over 0x7F in the header of a mail that is not wholly UTF-8 (RFC 6532).
  case rawHeaderBytes = "raw-header-bytes"
  /// A line over the 998 bytes of RFC 5322 §2.1.1.
  case longLine = "long-line"
  case nulByte = "nul-byte"
  /// More header fields, bytes of them, or addresses and references in them, than are read.
  case headerLimit = "header-limit"
  /// The mail, or a text, an attachment or a nested mail in it, is larger than what is read.
  case sizeLimit = "size-limit"
  /// More parts than are read; the last one holds the rest.
  case partLimit = "part-limit"
  /// Parts nested deeper than is read: the deepest holds the rest as text. Or mails that are encoded inside each other
  /// more often than they are decoded.
  case nestingLimit = "nesting-limit"
  /// A multipart without a boundary parameter, or whose boundary never appears.
  case missingBoundary = "missing-boundary"
  /// A multipart that ends without its closing delimiter: often a truncated mail.
  case unclosedMultipart = "unclosed-multipart"
  /// A Content-Type that is none.
  case malformedContentType = "malformed-content-type"
  /// An unknown Content-Transfer-Encoding, or content that is not in the encoding it claims.
  case brokenEncoding = "broken-encoding"
  /// Text that is not in the charset it claims.
  case charsetMislabelled = "charset-mislabelled"
  /// Text that claims a charset nobody knows.
  case charsetUnknown = "charset-unknown"
  /// Text that claims no charset and is not ASCII.
  case charsetMissing = "charset-missing"
  /// A Date field that is no date.
  case malformedDate = "malformed-date"
  /// HTML nested beyond reason: its text was read without its structure.
  case htmlLimit = "html-limit"
  /// A document among the attachments that cannot be read: damaged, or encrypted. It is not searched, and a stored message with
  /// missed documents says the same as long as it has any.
  case unreadAttachment = "unread-attachment"

  /// Those that say that not all of the mail was read.
  static let limits: Set<MailDefect> = [
    .headerLimit, .sizeLimit, .partLimit, .nestingLimit, .htmlLimit, .unreadAttachment,
  ]
}
