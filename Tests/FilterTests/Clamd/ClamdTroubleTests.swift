import Testing

@testable import Filter

/// clamd that is down, slow or mad.
@Suite(.timeLimit(.minutes(1))) struct ClamdTroubleTests {
  private func error(at endpoint: ClamdOptions.Endpoint, timeout: Duration = .seconds(30)) async -> FilterError? {
    var configuration = FilterConfiguration()
    configuration.clamd = .init()
    configuration.clamd?.clamd.endpoint = endpoint
    configuration.clamd?.options.timeout = timeout
    let chain = FilterChain(configuration, logger: .quiet)
    let mail = Mails.filtered(Mails.text("Hello"))
    do {
      _ = try await chain.check(mail)
      await chain.shutdown()
      return nil
    } catch {
      await chain.shutdown()
      return error as? FilterError
    }
  }

  @Test func `where nobody listens it is unreachable`() async {
    #expect(await error(at: .unix(path: "/nowhere/clamd"))?.code == .unreachable)
    #expect(await error(at: .tcp(host: "127.0.0.1", port: 1))?.code == .unreachable)
  }

  @Test func `a server that hangs runs out of time`() async throws {
    try await TroubledServer.with(.silent) { server in
      #expect(await error(at: .unix(path: server.path), timeout: .milliseconds(100))?.code == .timeout)
    }
  }

  @Test func `a connection that is closed is unreachable`() async throws {
    try await TroubledServer.with(.closes) { server in
      #expect(await error(at: .unix(path: server.path))?.code == .unreachable)
    }
  }

  @Test func `rubbish, and a reply that never ends, are protocol errors`() async throws {
    for behaviour in [
      TroubledServer.Behaviour.says("HTTP/1.1 400 Bad Request\r\n"), .says("PONG\0"), .says("\n"),
      .says("stream: out of memory ERROR\0"), .neverEnds(beginning: "", String(repeating: "x", count: 1_000)),
    ] {
      try await TroubledServer.with(behaviour) { server in
        #expect(await error(at: .unix(path: server.path))?.code == .protocolError)
      }
    }
  }
}
