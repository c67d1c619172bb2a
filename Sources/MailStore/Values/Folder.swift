package import Bytes

/// What a folder is for (RFC 6154's special-use mailboxes). Every mailbox has exactly one folder of each role.
package enum FolderRole: UInt8, Sendable, CaseIterable {
  case inbox = 1
  case sent
  case drafts
  case archive
  case spam
  case trash

  package var name: String {
    switch self {
    case .inbox: "inbox"
    case .sent: "sent"
    case .drafts: "drafts"
    case .archive: "archive"
    case .spam: "spam"
    case .trash: "trash"
    }
  }

  /// What the folder is called until its owner renames it.
  package var defaultFolderName: String { name.prefix(1).uppercased() + name.dropFirst() }
}

/// A folder of one mailbox.
package struct FolderRow: Hashable, Sendable {
  package let id: FolderID
  /// Random, so that a folder's public name says nothing and is never valid for another user.
  package let publicID: UInt64
  package var name: String
  package let role: FolderRole?

  package init(id: FolderID, publicID: UInt64, name: String, role: FolderRole?) {
    self.id = id
    self.publicID = publicID
    self.name = name
    self.role = role
  }

  /// Sixteen lower-case hexadecimal digits.
  package var publicName: String { Self.publicName(of: publicID) }

  package static func publicName(of publicID: UInt64) -> String {
    let digits = String(publicID, radix: 16)
    return String(repeating: "0", count: 16 - digits.count) + digits
  }
}

/// A folder and its counts.
package struct FolderSummary: Hashable, Sendable {
  package let row: FolderRow
  package let total: Int
  package let unread: Int

  package init(row: FolderRow, total: Int, unread: Int) {
    self.row = row
    self.total = total
    self.unread = unread
  }
}
