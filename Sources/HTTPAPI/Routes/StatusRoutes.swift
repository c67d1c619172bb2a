import Hummingbird
import NIOCore

/// What tells others about the service itself, without mail: its description, whether it lives, and how it does.
struct StatusRoutes {
  let service: any MailService

  var routes: [HTTPRoute] {
    [
      HTTPRoute(.get, "/v1/openapi.yaml", access: .open, handler: description),
      HTTPRoute(.get, "/healthz", access: .open, handler: health),
      HTTPRoute(.get, "/readyz", access: .open, handler: readiness),
      HTTPRoute(.get, "/metrics", access: .open, handler: metrics),
    ]
  }

  @Sendable private func description(_ request: Request, _ context: APIContext) async throws -> Response {
    Response(
      status: .ok, headers: [.contentType: "application/yaml"],
      body: .init(byteBuffer: ByteBuffer(bytes: PackageResources.openapi_yaml)))
  }

  /// The process runs and answers.
  @Sendable private func health(_ request: Request, _ context: APIContext) async throws -> Response {
    Response(["status": "ok"])
  }

  /// Mail can be read and written.
  @Sendable private func readiness(_ request: Request, _ context: APIContext) async throws -> Response {
    if let reason = await service.reasonForNotBeingReady() { throw Problem.unavailable(reason, retryAfterSeconds: 1) }
    return Response(["status": "ready"])
  }

  /// Sums over all users, for a monitoring system that knows no user.
  @Sendable private func metrics(_ request: Request, _ context: APIContext) async throws -> Response {
    Response(
      status: .ok, headers: [.contentType: MetricsText.contentType],
      body: .init(byteBuffer: ByteBuffer(string: MetricsText.encode(await service.metrics()))))
  }
}
