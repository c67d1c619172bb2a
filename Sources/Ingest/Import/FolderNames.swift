package import MailStore

/// What other systems call the folders that have a role, so that imported mail lands where its owner expects it.
package enum FolderNames {
  private static let roles: [String: FolderRole] = {
    let names: [FolderRole: [String]] = [
      .inbox: ["inbox", "new mail"],
      .sent: [
        "sent", "sent items", "sent mail", "sent messages", "sent-mail", "_sent_mail", "sent_items",
        "[gmail]/sent mail",
      ],
      .drafts: ["drafts", "draft", "[gmail]/drafts"],
      .archive: ["archive", "archives", "all mail", "[gmail]/all mail"],
      .spam: ["spam", "junk", "junk e-mail", "junk mail", "bulk mail", "[gmail]/spam"],
      .trash: ["trash", "bin", "deleted items", "deleted messages", "deleted_items", "[gmail]/trash", "[gmail]/bin"],
    ]
    return Dictionary(uniqueKeysWithValues: names.flatMap { role, names in names.map { ($0, role) } })
  }()

  /// The role that a folder of this name has by custom, in any case; `nil` for a name of the owner's own.
  package static func role(of name: String) -> FolderRole? { roles[name.lowercased()] }
}
