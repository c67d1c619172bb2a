import HTTPTypes
import Hummingbird
import Logging
import NIOHTTP1

/// Turns every error into a problem answer, and puts on every answer what keeps a browser from reading it as anything
/// else than it says. The outermost middleware.
struct ProblemMiddleware: RouterMiddleware {
  let routes: RouteTable

  func handle(
    _ request: Request, context: APIContext, next: (Request, APIContext) async throws -> Response
  ) async throws -> Response {
    var response: Response
    do {
      response = try await next(request, context)
    } catch {
      response = problem(for: error, request: request, context: context).response()
      if request.method == .head { response = response.createHeadResponse() }
    }
    response.headers[.xContentTypeOptions] = "nosniff"
    return response
  }

  private func problem(for error: any Error, request: Request, context: APIContext) -> Problem {
    switch error {
    case let problem as Problem: return problem
    case let error as MailServiceError:
      if error.code == .damaged || error.code == .stopped {
        context.logger.error("request failed", metadata: ["error": "\(error.message)"])
      }
      return Problem(error)
    case let error as InvalidQuery: return Problem(error)
    case let error as HTTPError where error.status == .notFound: return missingRoute(request)
    case let error as any HTTPResponseError:
      return Problem(error.status, error.status.reasonPhrase)
    // In the middle of a body. Hummingbird closes the connection behind the answer.
    case let error as HTTPParserError: return Problem(parserError: error)
    case is CancellationError:
      return .unavailable("The server is stopping.", retryAfterSeconds: 1)
    default:
      context.logger.error("request failed unexpectedly", metadata: ["error": "\(error)"])
      return Problem(.internalServerError, "The request failed for a reason that is in the server's log.")
    }
  }

  private func missingRoute(_ request: Request) -> Problem {
    let methods = routes.methods(at: request.uri.path)
    guard !methods.isEmpty else { return Problem(.notFound, "There is no such address; see /v1/openapi.yaml.") }
    let allowed = methods.map(\.rawValue).joined(separator: ", ")
    return Problem(
      .methodNotAllowed, "This address takes \(allowed).", headers: [.allow: allowed])
  }
}
