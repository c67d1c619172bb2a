import Bytes
import HTTPAPI
import MailStore

extension InMemoryMail {
  func report(_ id: MessageID, as report: MailReport, of user: UserID) throws -> MessageWrite {
    let role: FolderRole = report == .ham ? .inbox : .spam
    let folder = try folders(of: user).first { $0.row.role == role }?.row.id
    return try update([id], MessageChange(folder: folder), of: user)
  }

  func blockedSenders(of user: UserID) throws -> [SenderPattern] {
    try with(user) { $0.blocked.sorted { $0.description < $1.description } }
  }

  func block(_ sender: SenderPattern, for user: UserID) throws { try with(user) { _ = $0.blocked.insert(sender) } }

  func unblock(_ sender: SenderPattern, for user: UserID) throws {
    try with(user) { mailbox in if mailbox.blocked.remove(sender) == nil { throw Self.notFound } }
  }
}
