import Bytes
import MailStore

extension SavedSearch {
  var json: JSONValue {
    [
      "id": .string(id.description), "name": .string(name), "query": .string(query), "notifies": .bool(notifies),
      "created_at": .init(RFC3339.text(id.createdAt)), "updated_at": .init(RFC3339.text(updatedAt)),
    ]
  }
}
