package import Bytes

/// What decides the thread of a message, as its header fields say it.
package struct ThreadingInput: Sendable {
  /// Without or with angle brackets; nil or empty where there is none.
  package var messageID: String?
  /// In the order of the `References:` field.
  package var references: [String]
  package var inReplyTo: [String]
  package var subject: String
  package var receivedAt: Timestamp
  /// The addresses of From, To, Cc and Reply-To, in lower case.
  package var participants: [String]
  /// The mailbox's own address and aliases, in lower case.
  package var ownAddresses: [String]

  package init(
    messageID: String?, references: [String], inReplyTo: [String], subject: String, receivedAt: Timestamp,
    participants: [String], ownAddresses: [String]
  ) {
    self.messageID = messageID
    self.references = references
    self.inReplyTo = inReplyTo
    self.subject = subject
    self.receivedAt = receivedAt
    self.participants = participants
    self.ownAddresses = ownAddresses
  }
}

/// Where a new message belongs, decided before its change is journaled so that applying needs no judgement.
package struct ThreadDecision: Hashable, Sendable {
  /// Nil when the message founds a thread, whose number is then the message's docID.
  package let thread: ThreadID?
  /// Threads that the message shows to be parts of `thread`. Where there are any, a `threadsMerged(from: merges,
  /// into: thread)` goes before the message, in the same record.
  package let merges: [ThreadID]
  /// For the message's change.
  package let keys: ThreadKeys

  package init(thread: ThreadID?, merges: [ThreadID], keys: ThreadKeys) {
    self.thread = thread
    self.merges = merges
    self.keys = keys
  }

  /// The thread for the row of a message that gets `docID`.
  package func thread(for docID: DocID) -> ThreadID { thread ?? ThreadID(rawValue: docID.rawValue) }
}
