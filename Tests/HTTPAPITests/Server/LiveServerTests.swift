import APISupport
import Bytes
import Foundation
import HTTPAPI
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import Logging
import MailStore
import NIOCore
import NIOPosix
import ServiceLifecycle
import Testing
import TestSupport

/// The server on real sockets: what only the wire shows.
struct LiveServerTests {
  @Test func `requests over a socket are answered`() async throws {
    try await APIHarness.run(.live) { api in
      let message = api.mail.add(to: api.alice.id, subject: "x", original: Array(repeating: 0x61, count: 3 << 20))
      #expect(try await api.get("/v1/folders").elements.count == 6)
      let raw = try await api.get("/v1/messages/\(message.row.id)/raw")
      #expect(raw.bytes.count == 3 << 20)
      let head = try await api.send(.head, "/v1/messages/\(message.row.id)/raw")
      #expect(head.headers[.contentLength] == String(3 << 20))
      #expect(head.bytes.isEmpty)
      try await api.expect(405, .put, "/v1/folders")
      try await api.expect(200, .get, "/v1/folders")
    }
  }

  @Test func `a request for another host is refused where nobody needs a token`() async throws {
    try await serve(authentication: .none) { address, _ in
      let user = "X-Maildex-User: alice@example.com\r\n"
      let local = try await exchange(
        "GET /v1/folders HTTP/1.1\r\nHost: localhost\r\n\(user)Connection: close\r\n\r\n", address)
      #expect(local.hasPrefix("HTTP/1.1 200"))
      for host in ["Host: rebound.example.com\r\n", "Host: 10.0.0.1:80\r\n"] {
        for path in ["/v1/folders", "/healthz", "/v1/openapi.yaml"] {
          let answer = try await exchange("GET \(path) HTTP/1.1\r\n\(host)\(user)Connection: close\r\n\r\n", address)
          #expect(answer.hasPrefix("HTTP/1.1 403"), "\(host) \(path)")
        }
      }
      let nameless = try await exchange("GET /v1/folders HTTP/1.0\r\n\(user)Connection: close\r\n\r\n", address)
      #expect(!nameless.hasPrefix("HTTP/1.1 200"))
    }
  }

  @Test func `raw UTF-8 in the address is understood`() async throws {
    try await serve { address, token in
      let answer = try await exchange(
        "GET /v1/search?q=한국어 HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer \(token)\r\nConnection: close\r\n\r\n",
        address)
      #expect(answer.hasPrefix("HTTP/1.1 200"))
      #expect(answer.contains("\"query\":{\"word\":\"한국어\"}"))
    }
  }

  @Test(arguments: [
    "GET /v1/folders HTTP/1.1\r\nHost: a\r\nX-Long: \(String(repeating: "a", count: 1 << 20))\r\n\r\n",
    "GET /v1/folders HTTP/1.1\r\nHost: a\r\n\(String(repeating: "X-Many: 1\r\n", count: 5_000))\r\n",
    "GET /\(String(repeating: "a", count: 1 << 20)) HTTP/1.1\r\nHost: a\r\n\r\n",
    "nonsense\r\n\r\n", "GET / HTTP/9.9\r\n\r\n", "\u{0}\u{1}\u{2}\r\n\r\n",
    "POST /v1/folders HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\nabc",
    "POST /v1/folders HTTP/1.1\r\nHost: a\r\nContent-Length: -3\r\n\r\n",
  ])
  func `a hostile request ends its own connection and no other`(request: String) async throws {
    try await serve { address, token in
      let answer = try await exchange(request, address)
      #expect(answer.isEmpty || answer.hasPrefix("HTTP/1.1 4"), "\(answer.prefix(200))")
      let good = try await exchange(
        "GET /v1/folders HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer \(token)\r\nConnection: close\r\n\r\n", address)
      #expect(good.hasPrefix("HTTP/1.1 200"))
    }
  }

  @Test func `the server listens on a Unix socket with routes of its caller beside its own`() async throws {
    try await withTemporaryDirectory { directory in
      let path = directory + "/s"
      let command = HTTPRoute(.post, "/commands/{name}", access: .open) { _, context in
        Response(
          status: .ok, body: .init(byteBuffer: ByteBuffer(string: "did " + (context.parameters.get("name") ?? ""))))
      }
      try await serve(at: .unixSocket(path: path), authentication: .none, extraRoutes: [command]) { address, _ in
        #expect(address == .unixSocket(path: path))
        let done = try await exchange(
          "POST /commands/reindex HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", address)
        #expect(done.hasSuffix("did reindex"))
        let folders = try await exchange(
          "GET /v1/folders HTTP/1.1\r\nHost: x\r\nX-Maildex-User: alice@example.com\r\nConnection: close\r\n\r\n",
          address)
        #expect(folders.hasPrefix("HTTP/1.1 200"))
        let wrong = try await exchange(
          "GET /commands/reindex HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", address)
        #expect(wrong.contains("Allow: POST") || wrong.contains("allow: POST"))
      }
    }
  }

  @Test func `a body that never comes is waited for until the deadline and no longer`() async throws {
    try await serve(configure: { $0.requestDeadline = .milliseconds(50) }) { address, token in
      let answer = try await exchange(
        "POST /v1/folders HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer \(token)\r\nContent-Length: 100\r\n"
          + "Connection: close\r\n\r\n{", address)
      #expect(answer.hasPrefix("HTTP/1.1 503"))
    }
  }

  @Test(arguments: [(HTTPRoute.Deadline.own, "on a loop"), (.usual, "elsewhere")])
  func `a handler that ends itself runs on the connection's event loop, and others do not`(
    deadline: HTTPRoute.Deadline, place: String
  ) async throws {
    let route = HTTPRoute(.get, "/place", access: .open, deadline: deadline) { _, _ in
      // Also behind a suspension, as for a search's threads.
      await Task.yield()
      let place = MultiThreadedEventLoopGroup.currentEventLoop == nil ? "elsewhere" : "on a loop"
      return Response(status: .ok, body: .init(byteBuffer: ByteBuffer(string: place)))
    }
    try await serve(extraRoutes: [route]) { address, _ in
      let answer = try await exchange("GET /place HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n", address)
      #expect(answer.hasSuffix(place))
    }
  }

  @Test func `a query of 8192 bytes fits into an address, in any script`() async throws {
    try await serve { address, token in
      let query = String(repeating: "%ED%95%9C", count: 2_730)
      let answer = try await exchange(
        "GET /v1/search?q=\(query) HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer \(token)\r\nConnection: close\r\n\r\n",
        address)
      #expect(answer.hasPrefix("HTTP/1.1 200"))
    }
  }

  @Test(arguments: [
    ("GET /\(String(repeating: "a", count: 40_000)) HTTP/1.1\r\nHost: a\r\n\r\n", 431),
    ("GET / HTTP/1.1\r\nHost: a\r\nX-Long: \(String(repeating: "a", count: 40_000))\r\n\r\n", 431),
    ("nonsense\r\n\r\n", 400),
  ])
  func `what the parser refuses is a problem as well`(request: String, status: Int) async throws {
    try await serve { address, _ in
      let answer = try await exchange(request, address)
      #expect(answer.hasPrefix("HTTP/1.1 \(status)"), "\(answer.prefix(200))")
      #expect(answer.lowercased().contains("content-type: application/problem+json"))
      let body = try #require(answer.firstRange(of: "\r\n\r\n").map { answer[$0.upperBound...] })
      #expect(try JSONParser.parse(Array(body.utf8))["status"] == .init(status))
      #expect(answer.lowercased().contains("content-length: \(body.utf8.count)\r\n"))
    }
  }

  @Test func `a body that is no HTTP is the client's mistake`() async throws {
    try await serve { address, token in
      let answer = try await exchange(
        "POST /v1/folders HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer \(token)\r\nTransfer-Encoding: chunked\r\n\r\n"
          + "zz\r\n{}\r\n", address)
      #expect(answer.hasPrefix("HTTP/1.1 400"), "\(answer.prefix(200))")
    }
  }

  @Test(.timeLimit(.minutes(30))) func `mail that a slow reader does not take stays within the budget`() async throws {
    let mail = InMemoryMail()
    try await serve(mail: mail, configure: { $0.maxMailInFlight = 64 << 20 }) { address, token in
      let alice = UserID(rawValue: 1)
      let large = mail.add(to: alice, subject: "x", original: Array(repeating: 0x61, count: 48 << 20))
      let other = mail.add(to: alice, subject: "y", original: Array(repeating: 0x62, count: 17 << 20))
      func request(_ message: PresentedMessage, _ path: String) -> String {
        "GET /v1/messages/\(message.row.id)\(path) HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer \(token)\r\n"
          + "Connection: close\r\n\r\n"
      }
      // What a socket takes by itself differs from system to system, up to all of the mail; this one takes little.
      let slow = try await connect(to: address, receiveBufferByteCount: 64 << 10)
      try await slow.executeThenClose { inbound, outbound in
        try await outbound.write(ByteBuffer(string: request(large, "/raw")))
        var reader = inbound.makeAsyncIterator()
        var count = try await reader.next()?.readableBytes ?? 0
        // The head is there, and the rest is more than the sockets hold: the server holds it.
        for path in ["/raw", ""] {
          let refused = try await exchange(request(other, path), address)
          #expect(refused.hasPrefix("HTTP/1.1 503"))
          #expect(refused.lowercased().contains("retry-after: 1\r\n"))
        }
        while let buffer = try await reader.next() { count += buffer.readableBytes }
        #expect(count > 48 << 20)
      }
      while try await !exchange(request(other, "/raw"), address).hasPrefix("HTTP/1.1 200") { await Task.yield() }
    }
  }

  @Test(.timeLimit(.minutes(30))) func `a graceful shutdown ends a poll that waits`() async throws {
    let mail = InMemoryMail()
    try await serve(mail: mail) { address, token in
      async let answer = exchange(
        "GET /v1/events/poll?timeout=60 HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer \(token)\r\n\r\n", address)
      await mail.waitForPoll(of: UserID(rawValue: 1))
      await ServerHandle.current?.shutDown()
      let text = try await answer
      #expect(text.hasPrefix("HTTP/1.1 200"))
      #expect(text.hasSuffix(#"{"events":[],"seq":0}"#))
    }
  }

  @Test func `a graceful shutdown lets a running request end`() async throws {
    let (started, start) = AsyncStream.makeStream(of: Void.self)
    let (released, release) = AsyncStream.makeStream(of: Void.self)
    let slow = HTTPRoute(.get, "/slow", access: .open) { _, _ in
      start.finish()
      for await _ in released {}
      return Response(status: .ok, body: .init(byteBuffer: ByteBuffer(string: "finished")))
    }
    try await serve(extraRoutes: [slow]) { address, _ in
      async let answer = exchange("GET /slow HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n", address)
      for await _ in started {}
      await ServerHandle.current?.shutDown()
      // The listener is closed before the request ends: nobody new gets in.
      while (try? await exchange("", address)) != nil { await Task.yield() }
      release.finish()
      let text = try await answer
      #expect(text.hasSuffix("finished"))
    }
  }
}

/// The running server's stop, for the test of stopping.
private struct ServerHandle: Sendable {
  @TaskLocal static var current: ServerHandle?
  let shutDown: @Sendable () async -> Void
}

/// Runs a server on a free port, or on `address`, while `body` runs, which gets the real address and Alice's token.
private func serve(
  mail: InMemoryMail = InMemoryMail(), at address: HTTPConfiguration.Address = .tcp(host: "127.0.0.1", port: 0),
  authentication: HTTPConfiguration.Authentication = .token,
  configure: (inout HTTPConfiguration) -> Void = { _ in }, extraRoutes: [HTTPRoute] = [],
  _ body: @escaping @Sendable (HTTPConfiguration.Address, String) async throws -> Void
) async throws {
  try await withTemporaryDirectory { directory in
    let accounts = try AccountStore(path: directory + "/control.sqlite")
    defer { accounts.close() }
    let (alice, token) = try accounts.addUser(address: "alice@example.com")
    mail.makeMailbox(of: alice.id)
    let (bound, report) = AsyncStream.makeStream(of: HTTPConfiguration.Address.self)
    var configuration = HTTPConfiguration(address: address, authentication: authentication)
    configure(&configuration)
    let application = try HTTPServer.makeApplication(
      service: mail, accounts: accounts, configuration: configuration, extraRoutes: extraRoutes, logger: .silent,
      onBound: { address in
        report.yield(address)
        report.finish()
      })
    let group = ServiceGroup(configuration: .init(services: [application], logger: .silent))
    try await withThrowingTaskGroup(of: Void.self) { tasks in
      tasks.addTask { try await group.run() }
      let first = await bound.first { _ in true }
      let real = try #require(first)
      if case .tcp(_, let port) = real { #expect(port > 0) }
      let handle = ServerHandle { await group.triggerGracefulShutdown() }
      try await ServerHandle.$current.withValue(handle) { try await body(real, token) }
      await group.triggerGracefulShutdown()
      try await tasks.waitForAll()
    }
  }
}

private func connect(
  to address: HTTPConfiguration.Address, receiveBufferByteCount: Int? = nil
) async throws -> NIOAsyncChannel<ByteBuffer, ByteBuffer> {
  var bootstrap = ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
    .channelOption(ChannelOptions.allowRemoteHalfClosure, value: true)
  if let receiveBufferByteCount {
    // Set before the connection is made, or the window that was offered first stays.
    bootstrap = bootstrap.channelOption(
      .socketOption(.so_rcvbuf), value: SocketOptionValue(receiveBufferByteCount))
  }
  let setup: @Sendable (any Channel) -> EventLoopFuture<NIOAsyncChannel<ByteBuffer, ByteBuffer>> = { channel in
    channel.eventLoop.makeCompletedFuture { try NIOAsyncChannel(wrappingChannelSynchronously: channel) }
  }
  return switch address {
  case .tcp(let host, let port): try await bootstrap.connect(host: host, port: port, channelInitializer: setup)
  case .unixSocket(let path): try await bootstrap.connect(unixDomainSocketPath: path, channelInitializer: setup)
  }
}

/// Sends bytes on a fresh connection and collects what comes until the server closes it.
private func exchange(_ request: String, _ address: HTTPConfiguration.Address) async throws -> String {
  try await connect(to: address).executeThenClose { inbound, outbound in
    var received = ByteBuffer()
    // A server that refuses may close before it has read everything; what it said until then counts.
    try? await outbound.write(ByteBuffer(string: request))
    do {
      for try await buffer in inbound { received.writeImmutableBuffer(buffer) }
    } catch {}
    return String(buffer: received)
  }
}
