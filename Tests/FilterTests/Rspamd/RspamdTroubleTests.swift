import Testing

@testable import Filter

/// rspamd that is down, slow or mad.
@Suite(.timeLimit(.minutes(1))) struct RspamdTroubleTests {
  private static let ok = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"

  private func error(at path: String, timeout: Duration = .seconds(30), learns: Bool = false) async -> FilterError? {
    var configuration = FilterConfiguration()
    configuration.rspamd = .init()
    configuration.rspamd?.rspamd.endpoint = .unix(path: path)
    configuration.rspamd?.options.timeout = timeout
    let chain = FilterChain(configuration, logger: .quiet)
    do {
      if learns {
        try await chain.learn(Mails.text("Hello"), as: .spam)
      } else {
        _ = try await chain.check(Mails.filtered(Mails.text("Hello")))
      }
      await chain.shutdown()
      return nil
    } catch {
      await chain.shutdown()
      return error as? FilterError
    }
  }

  @Test func `where nobody listens it is unreachable`() async {
    let error = await error(at: "/nowhere/rspamd")
    #expect(error?.code == .unreachable && error?.retryAfter == .seconds(10))
  }

  @Test func `a server that hangs runs out of time`() async throws {
    try await TroubledServer.with(.silent) { server in
      #expect(await error(at: server.path, timeout: .milliseconds(100))?.code == .timeout)
    }
  }

  @Test func `an answer that never ends is cut, by its length or by the time`() async throws {
    let beginning = Self.ok + "Transfer-Encoding: chunked\r\n\r\n"
    let chunk = "10000\r\n" + String(repeating: " ", count: 0x10000) + "\r\n"
    try await TroubledServer.with(.neverEnds(beginning: beginning, chunk)) { server in
      #expect(await error(at: server.path)?.code == .protocolError)
    }
    try await TroubledServer.with(.says(Self.ok + "Content-Length: 100\r\n\r\nhalf")) { server in
      #expect(await error(at: server.path)?.code == .unreachable)
    }
  }

  @Test func `a connection that is closed is unreachable`() async throws {
    try await TroubledServer.with(.closes) { server in
      #expect(await error(at: server.path)?.code == .unreachable)
    }
  }

  @Test(arguments: ["", "{}", "[1]", "{\"action\":", "<html>", "{\"error\": \"sick\"}"])
  func `an answer that is none is a protocol error`(body: String) async throws {
    try await TroubledServer.with(.says(Self.ok + "Content-Length: \(body.utf8.count)\r\n\r\n\(body)")) { server in
      #expect(await error(at: server.path)?.code == .protocolError)
    }
  }

  @Test(arguments: [
    "SSH-2.0-OpenSSH\r\n\r\n", "HTTP/1.1 403 Unauthorized\r\nContent-Length: 0\r\n\r\n",
    "HTTP/1.1 302 Found\r\nLocation: http://192.0.2.1/\r\nContent-Length: 0\r\n\r\n",
    "HTTP/1.1 500 Broken\r\nContent-Length: 19\r\n\r\n{\"error\": \"broken\"}",
  ])
  func `another status, or no HTTP, is a protocol error, to scan and to learn`(answer: String) async throws {
    try await TroubledServer.with(.says(answer)) { server in
      #expect(await error(at: server.path)?.code == .protocolError)
      #expect(await error(at: server.path, learns: true)?.code == .protocolError)
    }
  }

  @Test(arguments: [
    (208, "<1@example.net> has been already learned as spam, ignore it"), (204, ""), (413, ""), (200, ""),
    (500, "<1@example.net> contains less tokens than required for bayes classifier: 4 < 11"),
    (404, "all learn conditions denied learning spam in default classifier"),
  ])
  func `what another try cannot better counts as learned`(status: UInt, text: String) {
    #expect(RspamdFilter.isLearned(.init(status: status, body: Array("{\"error\": \"\(text)\"}".utf8))))
    #expect(!RspamdFilter.isLearned(.init(status: 500, body: Array("{\"error\": \"invalid command\"}".utf8))))
  }
}
