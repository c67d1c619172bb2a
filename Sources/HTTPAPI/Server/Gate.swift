import HTTPTypes
import Hummingbird
import MailStore

/// What every request passes before its handler: the host, who asks, and the deadline.
struct Gate: Sendable {
  let accounts: AccountStore
  let configuration: HTTPConfiguration

  func admit(_ request: Request, _ context: APIContext, to route: HTTPRoute) async throws -> Response {
    try checkHost(request)
    var context = context
    switch route.access {
    case .open: break
    case .user: context.user = try user(of: request)
    case .operator: try checkOperator(request)
    }
    let admitted = context
    let response = try await answer(request, admitted, of: route)
    // While a route waited, the token may have been revoked: what happened since is not for its holder.
    if route.waits, let user = admitted.user, try !isStillKnown(user, request) {
      throw Self.unauthorized("The token is not valid.", challenge: nil)
    }
    return response
  }

  private func isStillKnown(_ user: UserRecord, _ request: Request) throws -> Bool {
    switch configuration.authentication {
    case .token: try self.user(of: request).id == user.id
    // An address is looked up by more work than a number.
    case .none: accounts.user(id: user.id) != nil
    }
  }

  private func answer(_ request: Request, _ context: APIContext, of route: HTTPRoute) async throws -> Response {
    let limit: Duration
    switch route.deadline {
    case .own: return try await route.handler(request, context)
    case .after(let duration): limit = duration
    case .usual: limit = configuration.requestDeadline
    }
    // Not on the event loop: of a large mail the JSON alone takes longer than other connections should wait.
    return try await withTaskExecutorPreference(globalConcurrentExecutor) {
      try await withDeadline(limit) { try await route.handler(request, context) }
    }
  }

  /// A web page can have its own name resolve to 127.0.0.1 and then talk to us (DNS rebinding); its requests still name
  /// that host. Where no token is asked for, the name is what keeps them out.
  private func checkHost(_ request: Request) throws {
    guard configuration.authentication == .none, case .tcp = configuration.address else { return }
    guard let authority = request.head.authority, LoopbackHost.isLoopback(authority: authority) else {
      throw Problem(.forbidden, "Without authentication only requests to localhost are answered.")
    }
  }

  private func user(of request: Request) throws -> UserRecord {
    switch configuration.authentication {
    case .token:
      guard let user = accounts.authenticate(try bearerToken(request)) else { throw Self.invalidToken }
      return user
    case .none:
      guard let address = request.headers[.maildexUser], let user = accounts.user(address: address) else {
        throw Self.unauthorized("Name a user that exists: X-Maildex-User: alice@example.com", challenge: nil)
      }
      return user
    }
  }

  /// Where nobody has to prove who they are, it takes a header that no form or link of a web page can send.
  private func checkOperator(_ request: Request) throws {
    switch configuration.authentication {
    case .token:
      guard accounts.isAdministrator(try bearerToken(request)) else { throw Self.invalidToken }
    case .none:
      guard request.headers[.maildexOperator] == "true" else {
        throw Self.unauthorized("Say that an operator asks: X-Maildex-Operator: true", challenge: nil)
      }
    }
  }

  private func bearerToken(_ request: Request) throws -> Substring {
    guard let header = request.headers[.authorization] else {
      throw Self.unauthorized("Send a token: Authorization: Bearer mdx_…", challenge: "Bearer realm=\"maildex\"")
    }
    let parts = header.split(separator: " ", maxSplits: 1, omittingEmptySubsequences: true)
    guard parts.count == 2, parts[0].lowercased() == "bearer" else { throw Self.invalidToken }
    return parts[1].drop { $0 == " " }
  }

  private static var invalidToken: Problem {
    unauthorized("The token is not valid.", challenge: "Bearer realm=\"maildex\", error=\"invalid_token\"")
  }

  private static func unauthorized(_ detail: String, challenge: String?) -> Problem {
    Problem(.unauthorized, detail, headers: challenge.map { [.wwwAuthenticate: $0] } ?? [:])
  }
}

/// Runs `body` and cancels it when it takes longer than `duration`. Work that does not heed cancellation is waited for.
/// - Throws: a `Problem` 503 when the time is over.
func withDeadline<Value: Sendable>(
  _ duration: Duration, _ body: @escaping @Sendable () async throws -> Value
) async throws -> Value {
  try await withThrowingTaskGroup(of: Value?.self) { group in
    group.addTask { try await body() }
    group.addTask {
      try await Task.sleep(for: duration)
      return nil
    }
    defer { group.cancelAll() }
    guard let first = try await group.next(), let value = first else {
      throw Problem.unavailable("The request took longer than the server allows.", retryAfterSeconds: 5)
    }
    return value
  }
}

extension HTTPField.Name {
  static let maildexUser = Self("X-Maildex-User")!
  static let maildexOperator = Self("X-Maildex-Operator")!
  static let maildexSequence = Self("Maildex-Sequence")!
  static let link = Self("Link")!
}
