import APISupport
import Bytes
import Foundation
import HTTPAPI
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import Logging
import MailStore
import TestSupport
import Testing

/// A server over in-memory mailboxes of two users, and requests to it. Each answer is held against the description.
struct APIHarness: Sendable {
  let mail: InMemoryMail
  let queues: InMemoryQueues
  let accounts: AccountStore
  let alice: UserRecord
  let aliceToken: String
  let bob: UserRecord
  let bobToken: String
  let operatorToken: String
  fileprivate let client: any TestClientProtocol

  static func run(
    _ setup: TestingSetup = .router, authentication: HTTPConfiguration.Authentication = .token,
    configure: (inout HTTPConfiguration) -> Void = { _ in }, extraRoutes: [HTTPRoute] = [],
    _ body: @escaping @Sendable (APIHarness) async throws -> Void
  ) async throws {
    var configuration = HTTPConfiguration(
      address: .tcp(host: "127.0.0.1", port: 0), authentication: authentication)
    configure(&configuration)
    let configured = configuration
    try await withTemporaryDirectory { directory in
      let accounts = try AccountStore(path: directory + "/control.sqlite")
      defer { accounts.close() }
      let (alice, aliceToken) = try accounts.addUser(address: "alice@example.com")
      let (bob, bobToken) = try accounts.addUser(address: "bob@example.com")
      let operatorToken = try accounts.createAdminToken()
      let mail = InMemoryMail()
      let queues = InMemoryQueues()
      for user in [alice, bob] { mail.makeMailbox(of: user.id) }
      let application = try HTTPServer.makeApplication(
        service: mail, queues: queues, accounts: accounts, configuration: configured, extraRoutes: extraRoutes,
        logger: .silent)
      try await application.test(setup) { client in
        try await body(
          APIHarness(
            mail: mail, queues: queues, accounts: accounts, alice: alice, aliceToken: aliceToken, bob: bob,
            bobToken: bobToken, operatorToken: operatorToken, client: client))
      }
    }
  }

  /// Sends as Alice unless told otherwise.
  func send(
    _ method: HTTPRequest.Method, _ uri: String, as token: String?, body: String? = nil, headers: HTTPFields = [:]
  ) async throws -> Answer {
    var headers = headers
    headers[.authorization] = token.map { "Bearer \($0)" }
    let answer = try await client.execute(
      uri: uri, method: method, headers: headers, body: body.map { ByteBuffer(string: $0) }
    ) { response in
      Answer(status: response.status.code, headers: response.headers, bytes: Array(response.body.readableBytesView))
    }
    Description.shared.check(answer, to: method, uri)
    return answer
  }

  func send(
    _ method: HTTPRequest.Method, _ uri: String, body: String? = nil, headers: HTTPFields = [:]
  ) async throws -> Answer {
    try await send(method, uri, as: aliceToken, body: body, headers: headers)
  }

  func get(_ uri: String, headers: HTTPFields = [:]) async throws -> Answer {
    try await send(.get, uri, headers: headers)
  }

  /// Sends and expects a status; as Alice unless told otherwise.
  func expect(
    _ status: Int, _ method: HTTPRequest.Method, _ uri: String, as token: String?, body: String? = nil,
    headers: HTTPFields = [:], sourceLocation: SourceLocation = #_sourceLocation
  ) async throws {
    let answer = try await send(method, uri, as: token, body: body, headers: headers)
    #expect(answer.status == status, "\(method) \(uri): \(answer.text)", sourceLocation: sourceLocation)
  }

  func expect(
    _ status: Int, _ method: HTTPRequest.Method, _ uri: String, body: String? = nil, headers: HTTPFields = [:],
    sourceLocation: SourceLocation = #_sourceLocation
  ) async throws {
    try await expect(
      status, method, uri, as: aliceToken, body: body, headers: headers, sourceLocation: sourceLocation)
  }

  func folder(_ role: FolderRole, of user: UserRecord) throws -> FolderRow {
    try #require(try mail.folders(of: user.id).first { $0.row.role == role }).row
  }
}

extension Logger {
  static var silent: Logger { Logger(label: "test") { _ in SwiftLogNoOpLogHandler() } }
}
