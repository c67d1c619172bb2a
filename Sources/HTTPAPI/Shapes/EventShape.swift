import Bytes
import MailStore

extension EventPage {
  var json: JSONValue {
    ["events": .array(events.map(\.json)), "seq": .init(sequence.rawValue)]
  }
}

extension MailEvent {
  var json: JSONValue {
    var members: [JSONValue.Member] = [
      .init("type", .string(kind.rawValue)), .init("id", .init(id)), .init("folder_id", .init(folder?.publicName)),
      .init("thread_id", .init(threadID?.description)), .init("seq", .init(sequence.rawValue)),
    ]
    if kind == .searchMatched {
      members.append(.init("search_ids", .array(searches.map { .string($0.description) })))
    }
    return .object(members)
  }
}
