import Bytes
import HTTPTypes
import Hummingbird
import MailStore

/// `/v1/searches`: the queries that a user keeps, and those that announce mail.
struct SavedSearchRoutes {
  let service: any MailService
  let maxBodySize: Int

  var routes: [HTTPRoute] {
    [
      HTTPRoute(.get, "/v1/searches", handler: list),
      HTTPRoute(.post, "/v1/searches", handler: create),
      HTTPRoute(.get, "/v1/searches/{id}", handler: show),
      HTTPRoute(.patch, "/v1/searches/{id}", handler: update),
      HTTPRoute(.delete, "/v1/searches/{id}", handler: delete),
    ]
  }

  /// As the mailboxes have it.
  private static let maxQueryByteCount = 8_192

  @Sendable private func list(_ request: Request, _ context: APIContext) async throws -> Response {
    let user = try context.knownUser
    let parameters = try QueryParameters(request, known: ["limit", "cursor"])
    let limit = try parameters.limit()
    let cursor = try parameters.text("cursor").map { try ListCursor($0, list: "searches") }
    // One more than asked for tells whether more follow.
    let found = try await service.savedSearches(
      after: cursor.map { SavedSearchID(rawValue: UInt64(bitPattern: $0.major)) }, limit: limit + 1, of: user.id)
    let page = found.prefix(limit)
    var headers: HTTPFields = [:]
    if found.count > limit, let last = page.last {
      let next = ListCursor(major: Int64(bitPattern: last.id.rawValue), minor: 0).text(list: "searches")
      headers[.link] = request.linkToNext(cursor: next)
    }
    return Response(.array(page.map(\.json)), headers: headers)
  }

  @Sendable private func create(_ request: Request, _ context: APIContext) async throws -> Response {
    let user = try context.knownUser
    _ = try QueryParameters(request, known: [])
    let given = try await change(in: request)
    guard let name = given.name else { throw Problem.invalid("name", "is required") }
    guard let query = given.query else { throw Problem.invalid("query", "is required") }
    let write = try await service.createSearch(
      named: name, query: query, notifies: given.notifies ?? false, for: user.id)
    return Response(
      write.search.json, status: .created,
      headers: [.location: "/v1/searches/\(write.search.id)", .maildexSequence: write.sequence.headerValue])
  }

  @Sendable private func show(_ request: Request, _ context: APIContext) async throws -> Response {
    let user = try context.knownUser
    _ = try QueryParameters(request, known: [])
    return Response(try await service.requiredSearch(context.parameters.get("id"), of: user.id).json)
  }

  @Sendable private func update(_ request: Request, _ context: APIContext) async throws -> Response {
    let user = try context.knownUser
    _ = try QueryParameters(request, known: [])
    let search = try await service.requiredSearch(context.parameters.get("id"), of: user.id)
    let change = try await change(in: request)
    guard change != SavedSearchChange() else {
      throw Problem.badRequest("Nothing to change: give name, query or notifies.")
    }
    let write = try await service.updateSearch(search.id, change, for: user.id)
    return Response(write.search.json, headers: [.maildexSequence: write.sequence.headerValue])
  }

  @Sendable private func delete(_ request: Request, _ context: APIContext) async throws -> Response {
    let user = try context.knownUser
    _ = try QueryParameters(request, known: [])
    let search = try await service.requiredSearch(context.parameters.get("id"), of: user.id)
    let sequence = try await service.deleteSearch(search.id, for: user.id)
    return Response(status: .noContent, headers: [.maildexSequence: sequence.headerValue])
  }

  private func change(in request: Request) async throws -> SavedSearchChange {
    var body = try await request.jsonObject(maxSize: maxBodySize)
    let name = try body.nameText("name")
    let query = try body.string("query")
    let notifies = try body.boolean("notifies")
    try body.finish()
    if let query, query.utf8.count > Self.maxQueryByteCount || query.utf8.contains(0) {
      throw Problem.invalid("query", "must be at most \(Self.maxQueryByteCount) bytes, none of them a NUL")
    }
    return SavedSearchChange(name: name, query: query, notifies: notifies)
  }
}
