import Bytes
import HTTPTypes
import Hummingbird
import Ingest
import MailStore

/// `/admin/v1/queues`: what `maildex queue` does, for operators' programs.
struct QueueRoutes {
  let service: any QueueService
  let budget: AnswerBudget

  var routes: [HTTPRoute] {
    let mail = "/admin/v1/queues/{queue}/messages/{id}"
    return [
      HTTPRoute(.get, "/admin/v1/queues", access: .operator, handler: summary),
      HTTPRoute(.post, "/admin/v1/queues/inbound/flush", access: .operator, handler: flush),
      HTTPRoute(.get, "/admin/v1/queues/{queue}/messages", access: .operator, handler: list),
      HTTPRoute(.get, mail, access: .operator, handler: show),
      HTTPRoute(.delete, mail, access: .operator, handler: drop),
      HTTPRoute(.get, mail + "/raw", access: .operator, handler: raw),
      HTTPRoute(.post, mail + "/retry", access: .operator, deadline: .after(Self.patience), handler: retry),
      HTTPRoute(.post, mail + "/release", access: .operator, deadline: .after(Self.patience), handler: release),
    ]
  }

  /// Filters may take their time.
  private static let patience = Duration.seconds(120)

  @Sendable private func summary(_ request: Request, _ context: APIContext) async throws -> Response {
    _ = try QueryParameters(request, known: [])
    let depths = try await service.depths()
    return Response(
      .array(MailQueue.allCases.map { ["name": .string($0.rawValue), "depth": .init(depths[$0] ?? 0)] }))
  }

  @Sendable private func flush(_ request: Request, _ context: APIContext) async throws -> Response {
    _ = try QueryParameters(request, known: [])
    return Response(["scheduled": .init(try await service.flush())])
  }

  @Sendable private func list(_ request: Request, _ context: APIContext) async throws -> Response {
    let queue = try queue(context)
    let parameters = try QueryParameters(request, known: ["limit", "cursor"])
    let limit = try parameters.limit()
    let name = "queue \(queue.rawValue)"
    let cursor = try parameters.text("cursor").map { try ListCursor($0, list: name) }
    // One more than asked for tells whether more follow.
    let found = try await service.mails(
      in: queue, after: cursor.map { QueueItemID(rawValue: UInt64(bitPattern: $0.major)) }, limit: limit + 1)
    let page = found.prefix(limit)
    var headers: HTTPFields = [:]
    if found.count > limit, let last = page.last {
      let next = ListCursor(major: Int64(bitPattern: last.id.rawValue), minor: 0).text(list: name)
      headers[.link] = request.linkToNext(cursor: next)
    }
    return Response(.array(page.map(\.json)), headers: headers)
  }

  @Sendable private func show(_ request: Request, _ context: APIContext) async throws -> Response {
    _ = try QueryParameters(request, known: [])
    return Response(try await mail(context).json)
  }

  @Sendable private func raw(_ request: Request, _ context: APIContext) async throws -> Response {
    _ = try QueryParameters(request, known: [])
    let mail = try await mail(context)
    let claim = try budget.claim(Int(clamping: mail.byteCount), for: Self.nobody)
    let content = HeldBytes([try await service.content(of: mail.id, in: mail.queue)], claim: claim)
    return Response(
      status: .ok,
      headers: [
        .contentType: "message/rfc822", .cacheControl: "no-store",
        .contentSecurityPolicy: "default-src 'none'; sandbox",
      ], body: content.body(0..<content.count))
  }

  @Sendable private func retry(_ request: Request, _ context: APIContext) async throws -> Response {
    _ = try QueryParameters(request, known: [])
    let mail = try await mail(context)
    return Response(try await service.retry(mail.id, in: mail.queue).json)
  }

  @Sendable private func release(_ request: Request, _ context: APIContext) async throws -> Response {
    _ = try QueryParameters(request, known: [])
    let mail = try await mail(context)
    guard mail.queue == .error else {
      throw Problem(.conflict, "Only mail of the error queue is held; what is inbound is delivered by itself.")
    }
    try await service.release(mail.id)
    return Response(status: .noContent)
  }

  @Sendable private func drop(_ request: Request, _ context: APIContext) async throws -> Response {
    let bounces = try QueryParameters(request, known: ["bounce"]).boolean("bounce") ?? false
    let mail = try await mail(context)
    if bounces {
      let outcome = try await service.bounce(mail.id, in: mail.queue)
      return Response(["report": .string(outcome.rawValue)])
    }
    try await service.drop(mail.id, in: mail.queue)
    return Response(status: .noContent)
  }

  /// Whose the bytes of queued mail are where memory is shared out: no user's.
  private static let nobody = UserID(rawValue: .max)

  private func queue(_ context: APIContext) throws -> MailQueue {
    guard let queue = context.parameters.get("queue").flatMap({ MailQueue(rawValue: $0) }) else {
      throw Problem.noSuchQueue
    }
    return queue
  }

  private func mail(_ context: APIContext) async throws -> QueuedMail {
    let queue = try queue(context)
    guard let number = context.parameters.get("id").flatMap({ UInt64($0) }),
      let mail = try await service.mail(QueueItemID(rawValue: number), in: queue)
    else { throw Problem.noSuchQueue }
    return mail
  }
}

extension Problem {
  fileprivate static let noSuchQueue = Problem(.notFound, "There is no such queue, or no such mail in it.")
}
