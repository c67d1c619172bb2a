import Bytes
import MailStore

extension FolderSummary {
  func json(of user: UserRecord) -> JSONValue {
    [
      "id": .string(row.publicName), "name": .string(row.name), "user_id": .string(String(user.id.rawValue)),
      "role": .init(row.role?.name), "total": .init(total), "unread": .init(unread),
    ]
  }
}
