package import HTTPTypes
package import Hummingbird

/// An error answer: `application/problem+json` (RFC 9457).
package struct Problem: HTTPResponseError, Sendable, Equatable {
  package let status: HTTPResponse.Status
  /// `about:blank` where the status says it all, else a name that programs can compare.
  package var type = "about:blank"
  package var title: String
  /// What happened and what to do, for people.
  package let detail: String
  /// Further members, after the standard ones.
  package var members: [JSONValue.Member] = []
  package var headers: HTTPFields = [:]

  package init(_ status: HTTPResponse.Status, _ detail: String, headers: HTTPFields = [:]) {
    self.status = status
    self.detail = detail
    self.headers = headers
    title = status.reasonPhrase
  }

  package func response(from request: Request, context: some RequestContext) -> Response { response() }

  func response() -> Response {
    var headers = headers
    headers[.contentType] = "application/problem+json"
    headers[.cacheControl] = "no-store"
    return Response(status: status, headers: headers, body: .init(byteBuffer: bytes))
  }

  /// The body of the answer.
  var bytes: ByteBuffer {
    let json: JSONValue = .object(
      [
        .init("type", .string(type)), .init("title", .string(title)), .init("status", .init(status.code)),
        .init("detail", .string(detail)),
      ] + members)
    return ByteBuffer(bytes: json.serialized())
  }
}

extension Problem {
  /// The one answer for whatever the user does not have: an id that is malformed, of another user, or of nothing. It
  /// never repeats the id, so that all of them are the same bytes.
  static let notFound = Problem(.notFound, "You have nothing by that id.")

  static func badRequest(_ detail: String) -> Problem { Problem(.badRequest, detail) }

  static func unavailable(_ detail: String, retryAfterSeconds: Int) -> Problem {
    Problem(.serviceUnavailable, detail, headers: [.retryAfter: String(retryAfterSeconds)])
  }

  /// The field of the body or the parameter that is wrong, beside what is wrong.
  static func invalid(_ name: String, _ detail: String) -> Problem {
    var problem = badRequest("\(name): \(detail)")
    problem.members = [.init("field", .string(name))]
    return problem
  }

  init(_ error: InvalidQuery) {
    self = .badRequest(error.message)
    type = "urn:maildex:problem:invalid-query"
    title = "Invalid query"
    members = [
      .init("position", .init(error.position)), .init("expected", .init(error.expected)),
      .init("suggestion", .init(error.suggestion)),
    ]
  }

  init(_ error: MailServiceError) {
    self =
      switch error.code {
      case .notFound: .notFound
      case .invalid: .badRequest(error.message)
      case .conflict: Problem(.conflict, error.message)
      case .busy: .unavailable(error.message, retryAfterSeconds: 1)
      case .deadlinePassed: .unavailable(error.message, retryAfterSeconds: 5)
      case .stopped: .unavailable(error.message, retryAfterSeconds: 60)
      case .damaged: Problem(.internalServerError, error.message)
      }
  }
}
