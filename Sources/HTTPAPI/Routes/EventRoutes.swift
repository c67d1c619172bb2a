import Bytes
import Hummingbird
import MailStore
import ServiceLifecycle

/// `/v1/events/poll`: what changed since a sequence, waiting while there is nothing.
struct EventRoutes {
  let service: any MailService

  var routes: [HTTPRoute] {
    [HTTPRoute(.get, "/v1/events/poll", deadline: .after(.seconds(Self.maxTimeout + 10)), waits: true, handler: poll)]
  }

  private static let maxTimeout = 60
  private static let usualTimeout = 25

  @Sendable private func poll(_ request: Request, _ context: APIContext) async throws -> Response {
    let user = try context.knownUser
    let parameters = try QueryParameters(request, known: ["since", "timeout", "limit"])
    let since = try parameters.integer("since", in: 0...Int.max) ?? 0
    let timeout = try parameters.integer("timeout", in: 0...Self.maxTimeout) ?? Self.usualTimeout
    let limit = try parameters.limit()
    // A server that is told to stop does not wait for events: the poll is answered with what there is.
    let page = try await cancelWhenGracefulShutdown {
      try await service.events(
        since: SequenceNumber(rawValue: UInt64(since)), limit: limit, timeout: .seconds(timeout), of: user.id)
    }
    return Response(page.json)
  }
}
