package import Bytes

/// One mail as values: what is shown, searched and threaded. Every text is decoded, free of NUL and valid Unicode.
///
/// Made by `MailParser`; a field that the mail lacks, or that cannot be read, is empty.
package struct ParsedMail: Hashable, Sendable {
  package var subject = ""
  package var from: [EmailAddress] = []
  package var sender: EmailAddress?
  package var replyTo: [EmailAddress] = []
  package var to: [EmailAddress] = []
  package var cc: [EmailAddress] = []
  package var bcc: [EmailAddress] = []

  /// What the sender's Date field says.
  package var date: Timestamp?
  /// When the last relay took it: the date of the topmost Received field.
  package var receivedDate: Timestamp?

  /// Identifiers are without angle brackets.
  package var messageID: String?
  package var inReplyTo: [String] = []
  /// In order, the oldest first.
  package var references: [String] = []
  package var listID: String?

  /// The shown text: plain text, or HTML turned into text; the parts of a mixed body one after another, lines by LF.
  package var text = ""
  /// The shown HTML, when there is any.
  package var html: String?
  package var attachments: [ParsedAttachment] = []
  /// What can be read of each mail inside this one (forwards, bounces, digests), its subject, people, text and file names,
  /// and of each text file and document.
  package var attachmentTexts: [AttachmentText] = []
  /// Documents that have no text there and may have one another time.
  package var missedDocuments: [MissedDocument] = []

  /// All fields of the outermost header.
  package var headers: [HeaderField] = []
  /// Each at most once, in the order of `MailDefect.allCases`.
  package var defects: [MailDefect] = []

  package init() {}
}
