import Bytes
import HTTPTypes
import Hummingbird
import MailStore

/// `/v1/folders`: the user's folders, and the messages in one.
struct FolderRoutes {
  let service: any MailService
  let maxBodySize: Int

  var routes: [HTTPRoute] {
    [
      HTTPRoute(.get, "/v1/folders", handler: list),
      HTTPRoute(.post, "/v1/folders", handler: create),
      HTTPRoute(.patch, "/v1/folders/{id}", handler: rename),
      HTTPRoute(.delete, "/v1/folders/{id}", handler: delete),
      HTTPRoute(.get, "/v1/folders/{id}/messages", handler: messages),
    ]
  }

  @Sendable private func list(_ request: Request, _ context: APIContext) async throws -> Response {
    let user = try context.knownUser
    let parameters = try QueryParameters(request, known: ["limit", "cursor"])
    let limit = try parameters.limit()
    let cursor = try parameters.text("cursor").map { try ListCursor($0, list: "folders") }
    let rest = try await service.folders(of: user.id)
      .sorted { $0.row.id < $1.row.id }
      .drop { folder in cursor.map { folder.row.id.rawValue <= $0.minor } ?? false }
    let page = rest.prefix(limit)
    var headers: HTTPFields = [:]
    if rest.count > limit, let last = page.last {
      let next = ListCursor(major: 0, minor: last.row.id.rawValue).text(list: "folders")
      headers[.link] = request.linkToNext(cursor: next)
    }
    return Response(.array(page.map { $0.json(of: user) }), headers: headers)
  }

  @Sendable private func create(_ request: Request, _ context: APIContext) async throws -> Response {
    let user = try context.knownUser
    _ = try QueryParameters(request, known: [])
    let name = try await folderName(in: request)
    let write = try await service.createFolder(named: name, for: user.id)
    return Response(
      write.folder.json(of: user), status: .created,
      headers: [
        .location: "/v1/folders/\(write.folder.row.publicName)", .maildexSequence: write.sequence.headerValue,
      ])
  }

  @Sendable private func rename(_ request: Request, _ context: APIContext) async throws -> Response {
    let user = try context.knownUser
    _ = try QueryParameters(request, known: [])
    let folder = try await service.requiredFolder(context.parameters.get("id"), of: user.id)
    let name = try await folderName(in: request)
    let write = try await service.renameFolder(folder.row.id, to: name, for: user.id)
    return Response(write.folder.json(of: user), headers: [.maildexSequence: write.sequence.headerValue])
  }

  @Sendable private func delete(_ request: Request, _ context: APIContext) async throws -> Response {
    let user = try context.knownUser
    _ = try QueryParameters(request, known: [])
    let folder = try await service.requiredFolder(context.parameters.get("id"), of: user.id)
    guard folder.row.role == nil else {
      throw Problem(.conflict, "The folder \"\(folder.row.name)\" has a role and stays; it can be renamed.")
    }
    let sequence = try await service.deleteFolder(folder.row.id, for: user.id)
    return Response(status: .noContent, headers: [.maildexSequence: sequence.headerValue])
  }

  @Sendable private func messages(_ request: Request, _ context: APIContext) async throws -> Response {
    let user = try context.knownUser
    let parameters = try QueryParameters(request, known: ["is_read", "limit", "cursor"])
    let isRead = try parameters.boolean("is_read")
    let limit = try parameters.limit()
    let folder = try await service.requiredFolder(context.parameters.get("id"), of: user.id)
    let list = "folder \(folder.row.publicName) \(isRead.map { String($0) } ?? "all")"
    let cursor = try parameters.text("cursor").map { try ListCursor($0, list: list) }
    let position = cursor.map { MessagePosition($0) }
    // One more than asked for tells whether more follow.
    let found = try await service.messages(
      in: folder.row.id, isRead: isRead, limit: limit + 1, after: position, of: user.id)
    let page = found.prefix(limit)
    var headers: HTTPFields = [:]
    if found.count > limit, let last = page.last {
      headers[.link] = request.linkToNext(cursor: ListCursor(after: last).text(list: list))
    }
    return Response(.array(page.map(\.json)), headers: headers)
  }

  private func folderName(in request: Request) async throws -> String {
    var body = try await request.jsonObject(maxSize: maxBodySize)
    let name = try body.nameText("name")
    try body.finish()
    guard let name else { throw Problem.invalid("name", "is required") }
    return name
  }
}

extension SequenceNumber {
  var headerValue: String { String(rawValue) }
}
