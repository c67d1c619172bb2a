import Bytes
import HTTPTypes
import Hummingbird
import MailStore

/// `/v1/messages/{id}` and `/v1/messages/batch`: read, change and delete messages.
struct MessageRoutes {
  let service: any MailService
  let maxBodySize: Int
  let budget: AnswerBudget

  var routes: [HTTPRoute] {
    [
      HTTPRoute(.get, "/v1/messages/{id}", handler: show),
      HTTPRoute(.patch, "/v1/messages/{id}", handler: update),
      HTTPRoute(.delete, "/v1/messages/{id}", handler: delete),
      HTTPRoute(.post, "/v1/messages/batch", handler: batch),
    ]
  }

  private static let maxBatch = 1_000
  private static let maxLabels = 100
  private static let maxLabelLength = 100

  @Sendable private func show(_ request: Request, _ context: APIContext) async throws -> Response {
    _ = try QueryParameters(request, known: [])
    let message = try await service.requiredMessage(context)
    let claim = try budget.claim(Int(clamping: message.row.size), for: message.row.user)
    return Response(message.json(with: try await service.content(of: message.row)), holding: claim)
  }

  @Sendable private func update(_ request: Request, _ context: APIContext) async throws -> Response {
    let user = try context.knownUser
    _ = try QueryParameters(request, known: [])
    let message = try await service.requiredMessage(context)
    var body = try await request.jsonObject(maxSize: maxBodySize)
    let change = try await change(in: &body, of: user.id)
    let write = try await service.update([message.row.id], change, of: user.id)
    guard let updated = write.messages.first else { throw Problem.notFound }
    return Response(updated.json, headers: [.maildexSequence: write.sequence.headerValue])
  }

  @Sendable private func delete(_ request: Request, _ context: APIContext) async throws -> Response {
    let user = try context.knownUser
    let parameters = try QueryParameters(request, known: ["permanent"])
    let permanently = try parameters.boolean("permanent") ?? false
    let message = try await service.requiredMessage(context)
    let write = try await service.delete([message.row.id], permanently: permanently, of: user.id)
    return Response(status: .noContent, headers: [.maildexSequence: write.sequence.headerValue])
  }

  /// One change for many messages: all of them or, when one is not there, none.
  @Sendable private func batch(_ request: Request, _ context: APIContext) async throws -> Response {
    let user = try context.knownUser
    _ = try QueryParameters(request, known: [])
    var body = try await request.jsonObject(maxSize: maxBodySize)
    guard let texts = try body.strings("ids", maxCount: Self.maxBatch), !texts.isEmpty else {
      throw Problem.invalid("ids", "must hold 1 to \(Self.maxBatch) message ids")
    }
    var seen: Set<MessageID> = []
    let ids = try texts.map { text in
      guard let id = MessageID(text) else { throw Problem.notFound }
      return id
    }
    let write = try await perform(&body, on: ids.filter { seen.insert($0).inserted }, of: user.id)
    return Response(
      .array(write.messages.map(\.json)), headers: [.maildexSequence: write.sequence.headerValue])
  }

  private func perform(
    _ body: inout JSONObjectReader, on ids: [MessageID], of user: UserID
  ) async throws -> MessageWrite {
    let isDeletion = try body.boolean("delete") ?? false
    let permanently = try body.boolean("permanent") ?? false
    guard var set = try body.object("set") else {
      try body.finish()
      guard isDeletion else { throw Problem.badRequest("Say what to do: \"set\": {…} or \"delete\": true.") }
      return try await service.delete(ids, permanently: permanently, of: user)
    }
    try body.finish()
    guard !isDeletion, !permanently else { throw Problem.badRequest("Either \"set\" or \"delete\", not both.") }
    return try await service.update(ids, try await change(in: &set, of: user), of: user)
  }

  private func change(in body: inout JSONObjectReader, of user: UserID) async throws -> MessageChange {
    var change = MessageChange()
    change.isRead = try body.boolean("is_read")
    change.isStarred = try body.boolean("is_starred")
    change.isReplied = try body.boolean("is_replied")
    change.labels = try body.strings("labels", maxCount: Self.maxLabels)
    let folder = try body.string("folder_id")
    try body.finish()
    for label in change.labels ?? [] { try Self.check(label: label) }
    if let folder { change.folder = try await service.requiredFolder(folder, of: user).row.id }
    guard change != MessageChange() else {
      throw Problem.badRequest("Nothing to change: give is_read, is_starred, is_replied, folder_id or labels.")
    }
    return change
  }

  private static func check(label: String) throws {
    guard !label.isEmpty, label.unicodeScalars.count <= maxLabelLength,
      label.unicodeScalars.allSatisfy({ $0.properties.generalCategory != .control })
    else {
      throw Problem.invalid("labels", "each must be 1 to \(maxLabelLength) characters, none of them a control")
    }
  }
}
