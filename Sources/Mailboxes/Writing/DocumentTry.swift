package import Index
package import MailStore

/// A try of a message's missed documents, from the moment at which it was counted.
package struct DocumentTry: Sendable {
  /// The message as it was then.
  package let row: MessageRow
  /// What is known of the documents before the try.
  let before: DocumentRetry
  /// What the rows say as long as nothing is heard of it.
  package let counted: DocumentRetry
}

/// What was read of a message again, with some of the documents that had been missed.
package struct RereadMessage: Sendable {
  /// Nil where it says what the index has of it: the documents have no text.
  package let record: EncodedRecord?
  /// What the index has of it until now; nil where that cannot be read.
  package let earlier: EncodedRecord?
  package let defects: [String]

  package init(record: EncodedRecord?, earlier: EncodedRecord?, defects: [String]) {
    self.record = record
    self.earlier = earlier
    self.defects = defects
  }
}
