import Bytes
import Index
import MailStore

extension ShardTransaction {
  /// A name: some text of bounded length without control characters; `/` in a folder's nests by custom, nothing more.
  static let maxNameByteCount = 255
  static let maxFolders = 1_000

  /// The folders every mailbox begins with.
  static func roleFolders() -> [FolderRow] {
    FolderRole.allCases.map { role in
      FolderRow(
        id: FolderID(rawValue: UInt32(role.rawValue)), publicID: UInt64.random(in: 1...UInt64.max),
        name: role.defaultFolderName, role: role)
    }
  }

  static func newFolder(_ name: String, _ id: FolderID) -> FolderRow {
    FolderRow(id: id, publicID: UInt64.random(in: 1...UInt64.max), name: name, role: nil)
  }

  /// Makes the folders of a new mailbox; one that has them stays as it is.
  /// - Returns: the mailbox's folders.
  @discardableResult
  func createMailbox(_ user: UserID) throws -> FolderCatalog {
    let folders = try view.folders(user)
    guard folders.isEmpty else { return folders }
    try stage(user, Self.roleFolders().map(ChangeBody.folderCreated))
    return try view.folders(user)
  }

  func createFolder(_ name: String, of user: UserID) throws -> (FolderRow, SequenceNumber) {
    try Self.checkName(name)
    let folders = try createMailbox(user)
    try Self.checkCount(folders)
    guard folders.folder(named: name) == nil else { throw Self.nameIsTaken }
    let folder = Self.newFolder(name, try view.nextFolderID(user))
    return (folder, try stage(user, [.folderCreated(folder)]))
  }

  func renameFolder(_ id: FolderID, to name: String, of user: UserID) throws -> (FolderRow, SequenceNumber) {
    let folders = try view.folders(user)
    guard var folder = folders[id] else { throw Self.noFolder }
    guard folder.name != name else { return (folder, try view.lastUserSequence(user)) }
    try Self.checkName(name)
    guard folders.folder(named: name) == nil else { throw Self.nameIsTaken }
    folder.name = name
    return (folder, try stage(user, [.folderRenamed(id, name: name)]))
  }

  /// Moves the folder's messages to the trash and removes it, in records of bounded size.
  func deleteFolder(_ id: FolderID, of user: UserID) throws -> SequenceNumber {
    let folders = try view.folders(user)
    guard let folder = folders[id] else { throw Self.noFolder }
    guard folder.role == nil else {
      throw MailboxError(.conflict, "the \(folder.name) folder belongs to every mailbox and cannot be deleted")
    }
    guard let trash = folders.folder(.trash) else { throw Self.noFolder }
    while true {
      let rows = try view.folderRows(user, id, limit: 1_000)
      if rows.isEmpty { break }
      try stageUpdates(rows.map { MessageUpdate(folder: trash.id).applied(to: $0) }, of: user)
    }
    return try stage(user, [.folderRemoved(id)])
  }

  static func checkCount(_ folders: FolderCatalog) throws {
    guard folders.count < maxFolders else {
      throw MailboxError(.invalid, "a mailbox holds at most \(maxFolders) folders")
    }
  }

  /// - Parameter kind: of what has the name, for the message.
  static func checkName(_ name: String, of kind: String = "folder") throws {
    guard !name.isEmpty, name.utf8.count <= maxNameByteCount,
      !name.unicodeScalars.contains(where: { $0.value < 0x20 || $0.value == 0x7F })
    else {
      throw MailboxError(.invalid, "a \(kind)'s name is 1 to \(maxNameByteCount) bytes without control characters")
    }
  }

  private static let nameIsTaken = MailboxError(.conflict, "there is a folder of that name already")
  static let noFolder = MailboxError(.notFound, "no such folder")
}
