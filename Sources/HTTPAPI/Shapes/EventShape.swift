import Bytes
import MailStore

extension EventPage {
  var json: JSONValue {
    ["events": .array(events.map(\.json)), "seq": .init(sequence.rawValue)]
  }
}

extension MailEvent {
  var json: JSONValue {
    [
      "type": .string(kind.rawValue), "id": .init(id), "folder_id": .init(folder?.publicName),
      "thread_id": .init(threadID?.description), "seq": .init(sequence.rawValue),
    ]
  }
}
