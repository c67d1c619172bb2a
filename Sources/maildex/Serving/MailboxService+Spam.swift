import Bytes
import HTTPAPI
import Logging
import MailStore
import Mailboxes

/// What users call spam.
extension MailboxService {
  func report(_ id: MessageID, as report: MailReport, of user: UserID) async throws -> MessageWrite {
    try await translated {
      guard let row = try await mailboxes.row(user, id: id) else { throw Self.noMessage }
      let folders = try await mailboxes.folders(user).map(\.row)
      let write = try await update([id], move(row, report, folders), of: user)
      try await teach(row.original, report)
      return write
    }
  }

  /// Ham that is in no spam folder stays where its owner put it.
  private func move(_ row: MessageRow, _ report: MailReport, _ folders: [FolderRow]) -> MessageChange {
    let isInSpam = folders.first { $0.id == row.folder }?.role == .spam
    let role: FolderRole? =
      switch report {
      case .spam, .phishing: isInSpam ? nil : .spam
      case .ham: isInSpam ? .inbox : nil
      }
    return MessageChange(folder: role.flatMap { role in folders.first { $0.role == role }?.id } ?? row.folder)
  }

  private func teach(_ original: BlobReference, _ report: MailReport) async throws {
    guard let lessons else { return }
    let now = mailboxes.now
    let isTaken = try await threads.run {
      try lessons.add(original, as: report == .ham ? .ham : .spam, at: now)
    }
    if !isTaken { logger.warning("report not learned: too many wait", metadata: ["waiting": "\(lessons.depth)"]) }
  }

  func blockedSenders(of user: UserID) async throws -> [SenderPattern] { accounts.blockedSenders(of: user) }

  func block(_ sender: SenderPattern, for user: UserID) async throws {
    try await changing { try $0.block(sender, for: user) }
  }

  func unblock(_ sender: SenderPattern, for user: UserID) async throws {
    try await changing { try $0.unblock(sender, for: user) }
  }

  private func changing(_ change: @escaping @Sendable (AccountStore) throws -> Void) async throws {
    do {
      try await threads.run { [accounts] in try change(accounts) }
    } catch let error as AccountError {
      switch error.code {
      case .notFound: throw MailServiceError(.notFound, error.message)
      case .invalid, .exists: throw MailServiceError(.invalid, error.message)
      case .noSpace: throw MailServiceError(.busy, "the disk is full; try again later")
      case .newerVersion, .corrupt, .failed: throw MailServiceError(.damaged, error.message)
      }
    }
  }

  private static let noMessage = MailServiceError(.notFound, "no such message")
}
