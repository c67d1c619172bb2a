import Bytes
import MailFormat
import MailStore
import Mailboxes

extension NewMessage {
  /// An imported mail as it will be committed. Its time is the topmost `Received`, else `Date`, else what the place
  /// where it was found says.
  init(_ mail: ImportedMail, _ extracted: ExtractedMail, original: BlobReference, forcedFolder: String?) {
    let marks = MailboxMarks { name in
      extracted.mail.headers.first { $0.name.lowercased() == name }?.value
    }
    var flags: MessageFlags = []
    if mail.isRead ?? marks.isRead ?? false { flags.insert(.read) }
    if mail.isStarred ?? marks.isStarred { flags.insert(.starred) }
    if mail.isReplied ?? marks.isReplied { flags.insert(.replied) }
    if extracted.hasAttachment { flags.insert(.hasAttachment) }
    let folder = forcedFolder ?? marks.folder ?? mail.folder
    self.init(
      destination: FolderNames.role(of: folder).map(Destination.role) ?? .named(folder), flags: flags,
      labels: Set(marks.labels).sorted(),
      receivedAt: extracted.mail.receivedDate ?? extracted.mail.date ?? mail.fallbackDate,
      size: UInt64(mail.bytes.count), original: original, trace: "", contentHash: extracted.contentHash,
      summary: extracted.summary, inReplyTo: extracted.mail.inReplyTo, references: extracted.mail.references,
      record: extracted.record, queueItem: nil, skipsKnownContent: true, missedReason: extracted.missedReason)
  }
}
