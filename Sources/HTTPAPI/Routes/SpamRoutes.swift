import Foundation
import HTTPTypes
import Hummingbird
import MailStore

/// `/v1/messages/{id}/report` and `/v1/blocked-senders`: what the user calls spam.
struct SpamRoutes {
  let service: any MailService
  let maxBodySize: Int

  var routes: [HTTPRoute] {
    [
      HTTPRoute(.post, "/v1/messages/{id}/report", handler: report),
      HTTPRoute(.get, "/v1/blocked-senders", handler: list),
      HTTPRoute(.post, "/v1/blocked-senders", handler: block),
      HTTPRoute(.delete, "/v1/blocked-senders/{sender}", handler: unblock),
    ]
  }

  @Sendable private func report(_ request: Request, _ context: APIContext) async throws -> Response {
    let user = try context.knownUser
    _ = try QueryParameters(request, known: [])
    let message = try await service.requiredMessage(context)
    var body = try await request.jsonObject(maxSize: maxBodySize)
    let text = try body.string("as")
    try body.finish()
    guard let report = text.flatMap({ MailReport(rawValue: $0) }) else {
      throw Problem.invalid("as", "must be one of \(MailReport.allCases.map(\.rawValue).joined(separator: ", "))")
    }
    let write = try await service.report(message.row.id, as: report, of: user.id)
    guard let reported = write.messages.first else { throw Problem.notFound }
    return Response(reported.json, headers: [.maildexSequence: write.sequence.headerValue])
  }

  @Sendable private func list(_ request: Request, _ context: APIContext) async throws -> Response {
    let user = try context.knownUser
    _ = try QueryParameters(request, known: [])
    return Response(.array(try await service.blockedSenders(of: user.id).map { .string($0.description) }))
  }

  @Sendable private func block(_ request: Request, _ context: APIContext) async throws -> Response {
    let user = try context.knownUser
    _ = try QueryParameters(request, known: [])
    var body = try await request.jsonObject(maxSize: maxBodySize)
    let text = try body.string("sender")
    try body.finish()
    guard let pattern = text.flatMap({ SenderPattern($0) }) else {
      throw Problem.invalid("sender", "must be eve@example.net, @example.net or .example.net")
    }
    try await service.block(pattern, for: user.id)
    return Response(status: .noContent)
  }

  @Sendable private func unblock(_ request: Request, _ context: APIContext) async throws -> Response {
    let user = try context.knownUser
    _ = try QueryParameters(request, known: [])
    let text = context.parameters.get("sender")?.removingPercentEncoding
    guard let pattern = text.flatMap({ SenderPattern($0) }) else { throw Problem.notFound }
    try await service.unblock(pattern, for: user.id)
    return Response(status: .noContent)
  }
}
