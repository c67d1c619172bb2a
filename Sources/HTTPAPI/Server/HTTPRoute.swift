package import HTTPTypes
package import Hummingbird

/// One thing that the server answers: a method at a path.
package struct HTTPRoute: Sendable {
  package enum Access: Sendable {
    /// Anybody who reaches the server.
    case open
    /// A user, who is in the context.
    case user
    /// An operator, by a token of `maildex token create --admin`.
    case `operator`
  }

  /// How long a handler may take before it is cancelled.
  package enum Deadline: Sendable {
    /// As long as the server allows any request.
    case usual
    case after(Duration)
    /// The handler keeps its own deadline, and works on no more than a moment between its waits: it runs on the connection's
    /// event loop. Tasks beside it, a timer and changes of thread would cost more than most searches.
    case own
  }

  package typealias Handler = @Sendable (Request, APIContext) async throws -> Response

  package let method: HTTPRequest.Method
  /// With parameters in braces, as OpenAPI writes it: `/v1/folders/{id}`.
  package let path: String
  package let access: Access
  package let deadline: Deadline
  /// The handler only reads, and may wait for something first: who asks is checked again before the answer goes out.
  package let waits: Bool
  package let handler: Handler

  package init(
    _ method: HTTPRequest.Method, _ path: String, access: Access = .user, deadline: Deadline = .usual,
    waits: Bool = false, handler: @escaping Handler
  ) {
    self.method = method
    self.path = path
    self.access = access
    self.deadline = deadline
    self.waits = waits
    self.handler = handler
  }
}

/// All routes of a server: what the router is built from, and what the description is checked against.
package struct RouteTable: Sendable {
  package let routes: [HTTPRoute]

  package init(_ routes: [HTTPRoute]) { self.routes = routes }

  /// The methods that a path takes, `HEAD` wherever there is a `GET`; empty for a path that is none of ours. As in the
  /// router, a path that is written out goes before one with parameters.
  func methods(at path: String) -> [HTTPRequest.Method] {
    let components = Self.components(of: path)
    let exact = routes.filter { Self.components(of: $0.path) == components }
    let matching = exact.isEmpty ? routes.filter { Self.components(of: $0.path).matches(components) } : exact
    let methods = matching.map(\.method)
    return methods.contains(.get) ? methods + [.head] : methods
  }

  private static func components(of path: String) -> [Substring] {
    path.split(separator: "/", omittingEmptySubsequences: true)
  }
}

extension [Substring] {
  /// Whether a path fits this template.
  fileprivate func matches(_ path: [Substring]) -> Bool {
    count == path.count && zip(self, path).allSatisfy { $0.hasPrefix("{") || $0 == $1 }
  }
}
