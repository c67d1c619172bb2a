import Bytes
import MailStore
import Query

extension SavedSearch {
  var json: JSONValue {
    [
      "id": .string(id.description), "name": .string(name), "query": .string(query), "notifies": .bool(notifies),
      "created_at": .init(RFC3339.text(id.createdAt)), "updated_at": .init(RFC3339.text(updatedAt)),
      "warnings": .array(warnings.map { .string($0) }),
    ]
  }

  /// As the answer of a search gives them; none of a query that this version does not understand any more.
  private var warnings: [String] { (try? parseQuery(query))?.warnings.map(\.message) ?? [] }
}
