package import Bytes
package import MailStore

/// A message's row with the public names that the row holds as numbers.
package struct PresentedMessage: Sendable, Equatable {
  package let row: MessageRow
  package let folder: FolderRow
  package let threadID: MessageID

  package init(row: MessageRow, folder: FolderRow, threadID: MessageID) {
    self.row = row
    self.folder = folder
    self.threadID = threadID
  }
}

/// Where a list by arrival was left: after this message.
package struct MessagePosition: Sendable, Equatable {
  package let receivedAt: Timestamp
  package let docID: DocID

  package init(receivedAt: Timestamp, docID: DocID) {
    self.receivedAt = receivedAt
    self.docID = docID
  }
}

/// A thread with a page of its messages.
package struct PresentedThread: Sendable, Equatable {
  package let id: MessageID
  /// Of the oldest message.
  package let subject: String
  /// Who wrote or got any of its oldest messages, in the order of their first appearance.
  package let participants: [MessageSummary.Address]
  /// Of all its messages.
  package let total: Int
  package let unread: Int
  /// One page, oldest first.
  package let messages: [PresentedMessage]
  /// More messages follow the page.
  package let hasMore: Bool

  package init(
    id: MessageID, subject: String, participants: [MessageSummary.Address], total: Int, unread: Int,
    messages: [PresentedMessage], hasMore: Bool
  ) {
    self.id = id
    self.subject = subject
    self.participants = participants
    self.total = total
    self.unread = unread
    self.messages = messages
    self.hasMore = hasMore
  }
}

/// What a message says.
package struct MessageContent: Sendable, Equatable {
  package struct HeaderField: Sendable, Equatable {
    package let name: String
    package let value: String

    package init(name: String, value: String) {
      self.name = name
      self.value = value
    }
  }

  /// The text to show; for a mail of HTML only, the HTML's text.
  package let text: String
  package let html: String?
  /// In the order of the mail, decoded, the trace fields first.
  package let headers: [HeaderField]

  package init(text: String, html: String?, headers: [HeaderField]) {
    self.text = text
    self.html = html
    self.headers = headers
  }
}
