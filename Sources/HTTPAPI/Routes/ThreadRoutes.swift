import HTTPTypes
import Hummingbird
import MailStore

/// `/v1/threads/{id}`.
struct ThreadRoutes {
  let service: any MailService

  var routes: [HTTPRoute] { [HTTPRoute(.get, "/v1/threads/{id}", handler: show)] }

  /// A thread is mostly shown as a whole, so its page is as long as a page may be.
  private static let usualLimit = 500

  @Sendable private func show(_ request: Request, _ context: APIContext) async throws -> Response {
    let user = try context.knownUser
    let parameters = try QueryParameters(request, known: ["limit", "cursor"])
    let limit = try parameters.limit(default: Self.usualLimit)
    guard let id = context.messageID else { throw Problem.notFound }
    // Of the name that was asked for: the thread may become a part of another one between two pages.
    let list = "thread \(id)"
    let position = try parameters.text("cursor").map { MessagePosition(try ListCursor($0, list: list)) }
    guard let thread = try await service.thread(id, limit: limit, after: position, of: user.id) else {
      throw Problem.notFound
    }
    var headers: HTTPFields = [:]
    if thread.hasMore, let last = thread.messages.last {
      headers[.link] = request.linkToNext(cursor: ListCursor(after: last).text(list: list))
    }
    return Response(thread.json, headers: headers)
  }
}
