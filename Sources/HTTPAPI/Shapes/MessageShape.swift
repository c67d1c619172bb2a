import Bytes
import MailStore

extension PresentedMessage {
  /// The message as lists and hits show it: all that the row knows, nothing that needs the original.
  var json: JSONValue { .object(members) }

  /// The message with what it says.
  func json(with content: MessageContent) -> JSONValue {
    .object(
      members + [
        .init("body", .string(content.text)),
        .init("body_html", .init(content.html)),
        .init("headers", .array(content.headers.map { ["name": .string($0.name), "value": .string($0.value)] })),
      ])
  }

  private var members: [JSONValue.Member] {
    let summary = row.summary
    return [
      .init("id", .string(row.id.description)),
      .init("user_id", .string(String(row.user.rawValue))),
      .init("thread_id", .string(threadID.description)),
      .init("folder_id", .string(folder.publicName)),
      .init("subject", .string(summary.subject)),
      .init("from", summary.from.first?.json ?? .null),
      .init("to", .array(summary.to.map(\.json))),
      .init("cc", .array(summary.cc.map(\.json))),
      .init("bcc", .array(summary.bcc.map(\.json))),
      .init("reply_to", .array(summary.replyTo.map(\.json))),
      .init("date", .init(summary.date.flatMap { RFC3339.text($0) })),
      .init("received_at", .init(RFC3339.text(row.receivedAt))),
      .init("is_read", .bool(row.flags.contains(.read))),
      .init("is_starred", .bool(row.flags.contains(.starred))),
      .init("is_replied", .bool(row.flags.contains(.replied))),
      .init("labels", .array(row.labels.map { .string($0) })),
      .init("size", .init(row.size)),
      .init("has_attachment", .bool(row.flags.contains(.hasAttachment))),
      .init("attachments", .array(summary.attachments.map(\.json))),
      .init("message_id", .init(summary.messageID)),
      .init("defects", .array(summary.defects.map { .string($0) })),
      .init("verdict", row.verdict?.json ?? .null),
    ]
  }
}

extension MessageSummary.Address {
  var json: JSONValue { ["name": .init(name), "email": .string(address)] }
}

extension MessageSummary.Attachment {
  var json: JSONValue {
    [
      "id": .string(partPath), "filename": .init(filename), "content_type": .string(contentType),
      "size": .init(byteCount), "inline": .bool(isInline), "content_id": .init(contentID),
    ]
  }
}
