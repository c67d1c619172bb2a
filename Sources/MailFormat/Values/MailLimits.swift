/// How much of one mail is read. Beyond a limit reading goes on with less detail, and the mail is marked with a defect;
/// no limit makes a mail unreadable. Together they bound memory to a small multiple of the mail's size.
package struct MailLimits: Hashable, Sendable {
  /// Bytes of the mail that are looked at.
  package var byteCount = 256 << 20
  /// Multiparts and nested mails around a part.
  package var nesting = 100
  package var partCount = 10_000
  /// Fields of the outermost header, and of the headers of all nested mails together.
  package var headerFieldCount = 10_000
  /// Bytes of one field, and of all fields of one header, that are kept.
  package var headerFieldByteCount = 1 << 20
  package var headerByteCount = 8 << 20
  /// Addresses of one field, and identifiers in References.
  package var addressCount = 10_000
  package var referenceCount = 1_000
  /// UTF-8 bytes of the shown text, and of all nested texts together.
  package var textByteCount = 16 << 20
  /// Decoded bytes of all HTML in the mail, that of nested mails included, that are kept and turned into text: the
  /// costliest bytes of a mail, up to a second for two megabytes of broken references.
  package var htmlByteCount = 8 << 20
  /// Documents that are read for their text, and what that may take in all: less than a lease of the queue.
  package var documentCount = 100
  package var documentTime = Duration.seconds(60)
  /// Decoded bytes of one attachment that are handed out and counted.
  package var attachmentByteCount = 256 << 20

  package static let `default` = MailLimits()

  package init() {}
}
