import APISupport
import AsyncHTTPClient
import Bytes
import Foundation
import HTTPAPI
import HTTPTypes
import Ingest
import Logging
import MailStore
import Mailboxes
import NIOCore
import NIOHTTP1
import ServiceLifecycle
import TestSupport
import Testing

@testable import maildex

/// The API as it is served: over real stores in a new data directory, on a free port of loopback. Each answer is held
/// against the description.
///
/// HTTPAPITests test the routes over a fake of the mailboxes; here is shown that the fake does as the mailboxes do.
struct RealAPI: Sendable {
  let engine: Engine
  let service: MailboxService
  let alice: UserRecord
  let aliceToken: String
  let bob: UserRecord
  let bobToken: String
  private let group: ServiceGroup
  private let address: String
  private let directory: String

  static func run(_ body: (RealAPI) async throws -> Void) async throws {
    try await withTemporaryDirectory { directory in
      let settings = try Settings(
        file: nil, overrides: [.data: directory + "/data", .extractionEnabled: "false"], environment: [:],
        warn: { Issue.record("\($0)") })
      try FileManager.default.createDirectory(atPath: settings.data, withIntermediateDirectories: true)
      let engine = try Engine(settings: settings, logger: silent)
      defer { engine.close() }
      let (alice, aliceToken) = try engine.accounts.addUser(address: "alice@example.com")
      let (bob, bobToken) = try engine.accounts.addUser(address: "bob@example.com")
      for user in [alice, bob] { try await engine.mailboxes.createMailbox(user.id) }
      let service = MailboxService(
        mailboxes: engine.mailboxes, accounts: engine.accounts, threads: engine.threads, waitForQueue: .zero,
        lessons: engine.lessons, errors: engine.errors, logger: silent)
      let (bound, report) = AsyncStream.makeStream(of: HTTPConfiguration.Address.self)
      let application = try HTTPServer.makeApplication(
        service: service, queues: OperatedQueues(queues: engine.operatorQueues), accounts: engine.accounts,
        configuration: HTTPConfiguration(address: .tcp(host: "127.0.0.1", port: 0)), logger: silent,
        onBound: { address in
          report.yield(address)
          report.finish()
        })
      let group = ServiceGroup(configuration: .init(services: [application], logger: silent))
      async let serving: Void = group.run()
      let real = try #require(await bound.first { _ in true })
      try await body(
        RealAPI(
          engine: engine, service: service, alice: alice, aliceToken: aliceToken, bob: bob, bobToken: bobToken,
          group: group, address: "http://\(real)", directory: directory))
      await group.triggerGracefulShutdown()
      try await serving
    }
  }

  private static var silent: Logger { Logger(label: "test") { _ in SwiftLogNoOpLogHandler() } }

  func shutDown() async { await group.triggerGracefulShutdown() }

  /// Stores the mails as they are, in this order, as if somebody imported them.
  func store(_ mails: [[UInt8]], for user: UserRecord? = nil) async throws {
    let importer = Importer(
      mailboxes: engine.mailboxes, originals: engine.originals, extractor: engine.extractor, threads: engine.threads,
      fileSystem: engine.fileSystem, maxByteCount: 1 << 20)
    for (number, mail) in mails.enumerated() {
      let path = directory + "/\(number).eml"
      try Data(mail).write(to: URL(fileURLWithPath: path))
      let progress = try await importer.run(user: (user ?? alice).id, paths: [path], folder: nil) { _ in }
      try #require(progress.imported == 1, "\(progress)")
    }
  }

  /// The ids of the messages that a query finds, oldest first.
  func found(_ query: String, as token: String? = nil) async throws -> [String] {
    let answer = try await send(.get, "/v1/search?sort=date&q=\(query)", as: token)
    return answer["hits"].elements.compactMap { $0["message"]?["id"]?.string }
  }

  /// The id of the user's folder with the role.
  func folder(_ role: String, as token: String? = nil) async throws -> String {
    let folders = try await send(.get, "/v1/folders", as: token).elements
    return try #require(folders.first { $0["role"] == .string(role) }?["id"]?.string)
  }

  /// Sends as Alice unless told otherwise.
  func send(
    _ method: HTTPRequest.Method, _ uri: String, as token: String? = nil, body: String? = nil,
    headers: [(String, String)] = []
  ) async throws -> Answer {
    var request = HTTPClientRequest(url: address + uri)
    request.method = .init(rawValue: method.rawValue)
    request.headers.add(name: "Authorization", value: "Bearer \(token ?? aliceToken)")
    for (name, value) in headers { request.headers.add(name: name, value: value) }
    if let body { request.body = .bytes(ByteBuffer(string: body)) }
    let response = try await HTTPClient.shared.execute(request, timeout: .minutes(2))
    var fields: HTTPFields = [:]
    for (name, value) in response.headers { fields.append(HTTPField(name: HTTPField.Name(name)!, value: value)) }
    let bytes = Array(try await response.body.collect(upTo: 64 << 20).readableBytesView)
    let answer = Answer(status: Int(response.status.code), headers: fields, bytes: bytes)
    Description.shared.check(answer, to: method, uri)
    return answer
  }

  func get(_ uri: String) async throws -> Answer { try await send(.get, uri) }

  func expect(
    _ status: Int, _ method: HTTPRequest.Method, _ uri: String, as token: String? = nil, body: String? = nil,
    sourceLocation: SourceLocation = #_sourceLocation
  ) async throws {
    let answer = try await send(method, uri, as: token, body: body)
    #expect(answer.status == status, "\(method) \(uri): \(answer.text)", sourceLocation: sourceLocation)
  }
}
