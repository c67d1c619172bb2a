import Bytes
import Foundation

/// One mail found by an import: the exact bytes, and what the place where it was found says about it.
struct ImportedMail: Sendable {
  let bytes: [UInt8]
  let folder: String
  /// What a Maildir's file name says; it goes before marks that other programs left in the header. `nil` elsewhere.
  var isRead: Bool?
  var isStarred: Bool?
  var isReplied: Bool?
  /// From the mbox separator or the file, for a mail whose header has no usable date.
  var fallbackDate: Timestamp
}

/// What `Status`, `X-Status` and `X-Gmail-Labels` say (mutt, Dovecot and Gmail's Takeout write them).
struct MailboxMarks {
  private(set) var isRead: Bool?
  private(set) var isStarred = false
  private(set) var isReplied = false
  private(set) var labels: [String] = []
  private(set) var folder: String?

  /// - Parameter field: the decoded value of a header field of the mail, by lower-case name.
  init(field: (String) -> String?) {
    let status = field("status")
    let extra = field("x-status")
    if let status { isRead = status.contains("R") }
    if let extra {
      isStarred = extra.contains("F")
      isReplied = extra.contains("A")
    }
    if let list = field("x-gmail-labels") { readGmailLabels(list) }
  }

  /// A comma-separated list; a label with a comma in it stands in quotes.
  private mutating func readGmailLabels(_ list: String) {
    isRead = true
    for label in Self.split(list) where !label.isEmpty {
      switch label.lowercased() {
      case "unread": isRead = false
      case "opened", "important", "chat": break
      case "starred": isStarred = true
      case "inbox", "sent", "drafts", "spam", "trash": folder = label
      case "archived": folder = folder ?? "archive"
      default: labels.append(label)
      }
    }
  }

  private static func split(_ list: String) -> [String] {
    var labels: [String] = []
    var label = ""
    var isQuoted = false
    for character in list {
      switch character {
      case "\"": isQuoted.toggle()
      case "," where !isQuoted:
        labels.append(label)
        label = ""
      default: label.append(character)
      }
    }
    return (labels + [label]).map { $0.trimmingCharacters(in: .whitespacesAndNewlines) }
  }
}
