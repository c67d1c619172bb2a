import HTTPTypes
import Hummingbird
import MailStore

/// The bytes of a message: all of them as they came, or one attachment decoded.
struct OriginalRoutes {
  let service: any MailService
  let budget: AnswerBudget

  var routes: [HTTPRoute] {
    [
      HTTPRoute(.get, "/v1/messages/{id}/raw", handler: raw),
      HTTPRoute(.get, "/v1/messages/{id}/attachments/{attachment_id}", handler: attachment),
    ]
  }

  @Sendable private func raw(_ request: Request, _ context: APIContext) async throws -> Response {
    _ = try QueryParameters(request, known: [])
    let row = try await service.requiredMessage(context).row
    return try await bytes(request, of: row, tag: "\"\(row.id)\"", contentType: "message/rfc822", disposition: nil) {
      try await service.original(of: row)
    }
  }

  @Sendable private func attachment(_ request: Request, _ context: APIContext) async throws -> Response {
    _ = try QueryParameters(request, known: [])
    let row = try await service.requiredMessage(context).row
    let id = context.parameters.get("attachment_id")
    guard let attachment = row.summary.attachments.first(where: { $0.partPath == id }) else { throw Problem.notFound }
    return try await bytes(
      request, of: row, tag: "\"\(row.id)/\(attachment.partPath)\"",
      contentType: ContentDisposition.safeContentType(attachment.contentType),
      disposition: ContentDisposition.attachment(filename: attachment.filename)
    ) {
      guard let bytes = try await service.attachment(attachment.partPath, of: row) else { throw Problem.notFound }
      return [bytes]
    }
  }

  /// Bytes that never change, whole or the range that was asked for. A range costs the same read as the whole, so both
  /// claim the whole mail, which no part of it exceeds.
  private func bytes(
    _ request: Request, of row: MessageRow, tag: String, contentType: String, disposition: String?,
    read: () async throws -> [[UInt8]]
  ) async throws -> Response {
    var headers: HTTPFields = [
      .eTag: tag, .acceptRanges: "bytes", .cacheControl: "private, max-age=0, must-revalidate",
      // Should a browser show it after all, it is a page of nobody that may load and run nothing.
      .contentSecurityPolicy: "default-src 'none'; sandbox",
    ]
    if let known = request.headers[.ifNoneMatch], known == "*" || known.contains(tag) {
      return Response(status: .notModified, headers: headers)
    }
    headers[.contentType] = contentType
    headers[.contentDisposition] = disposition
    let claim = try budget.claim(Int(clamping: row.size), for: row.user)
    let content = HeldBytes(try await read(), claim: claim)
    let isForThis = request.headers[.ifRange].map { $0 == tag } ?? true
    let range = isForThis ? request.headers[.range] : nil
    switch ByteRange.answer(range, byteCount: content.count) {
    case .whole:
      return Response(status: .ok, headers: headers, body: content.body(0..<content.count))
    case .part(let range):
      headers[.contentRange] = "bytes \(range.lowerBound)-\(range.upperBound - 1)/\(content.count)"
      return Response(status: .partialContent, headers: headers, body: content.body(range))
    case .unsatisfiable:
      throw Problem(
        .rangeNotSatisfiable, "There are \(content.count) bytes.",
        headers: [.contentRange: "bytes */\(content.count)"])
    }
  }
}
