import MailStore

extension PresentedThread {
  var json: JSONValue {
    [
      "id": .string(id.description), "subject": .string(subject), "participants": .array(participants.map(\.json)),
      "total": .init(total), "unread": .init(unread), "messages": .array(messages.map(\.json)),
    ]
  }
}
