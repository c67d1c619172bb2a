import Foundation
import Testing

/// A running `maildex serve` on free ports of loopback, without authentication.
final class TestServer: Sendable {
  let data: String
  let http: String
  let smtp: String
  /// Of the other doors, by name, where the environment asks for them.
  let doors: [String: String]
  let process: MaildexProcess

  private init(data: String, http: String, smtp: String, doors: [String: String], process: MaildexProcess) {
    self.data = data
    self.http = http
    self.smtp = smtp
    self.doors = doors
    self.process = process
  }

  deinit { process.send(SIGKILL) }

  /// A mail is searched for right after its 250. Before it has searched, a server waits for mail that is still in the queue,
  /// here for as long as a slow machine may take; else a search would be a race with the queue.
  private static let patience = [
    "MAILDEX_SEARCH_WAIT_FOR_QUEUE": "20000", "MAILDEX_SEARCH_DEADLINE": "40000",
  ]

  /// Starts a server and waits for the line that says ready.
  static func start(_ data: String, environment: [String: String] = [:]) async throws -> TestServer {
    let arguments = ["serve", "--data", data, "--http", "127.0.0.1:0", "--smtp", "127.0.0.1:0"]
    let settings = patience.merging(["MAILDEX_HTTP_AUTH": "none"]) { $1 }.merging(environment) { $1 }
    let process = try MaildexProcess(arguments, environment: settings, isFollowed: true)
    let line = try await process.firstLine()
    guard let ready = line.wholeMatch(of: /ready http=(\S+) smtp=(\S+)((?: \w+=\S+)*)/) else {
      process.send(SIGKILL)
      throw Connection.Failure(description: "serve did not become ready: \(line)\n\(await process.result())")
    }
    let doors = ready.3.split(separator: " ").map { $0.split(separator: "=", maxSplits: 1).map(String.init) }
    return TestServer(
      data: data, http: String(ready.1), smtp: String(ready.2),
      doors: Dictionary(uniqueKeysWithValues: doors.map { ($0[0], $0[1]) }), process: process)
  }

  /// kill -9.
  func kill() async {
    process.send(SIGKILL)
    _ = await process.result()
  }

  /// SIGTERM.
  func stop() async -> ProcessResult {
    process.send(SIGTERM)
    return await process.result()
  }

  /// Sends one mail; the reply to it.
  func send(_ mail: [UInt8], to recipients: String...) async throws -> String {
    let smtp = smtp
    return try await Blocking.run { try SMTPClient(to: smtp).send(mail, to: recipients) }
  }

  func request(
    _ method: String, _ target: String, as user: String = "alice@example.com", body: String = ""
  ) async throws -> HTTPAnswer {
    let http = http
    return try await Blocking.run {
      try HTTPAnswer(method, target, at: http, headers: ["X-Maildex-User: \(user)"], body: Array(body.utf8))
    }
  }

  func get(_ target: String, as user: String = "alice@example.com") async throws -> HTTPAnswer {
    try await request("GET", target, as: user)
  }

  func total(_ query: String, as user: String = "alice@example.com") async throws -> Int {
    let answer = try await search(query, limit: 1, as: user)
    return try #require(answer.json["total"] as? Int, "\(answer)")
  }

  /// The messages that a query finds, newest first.
  func find(_ query: String, as user: String = "alice@example.com") async throws -> [FoundMail] {
    let answer = try await search(query, limit: 500, as: user)
    let hits = try #require(answer.json["hits"] as? [[String: Any]], "\(answer)")
    return try hits.map { hit in
      let message = try #require(hit["message"] as? [String: Any])
      return FoundMail(
        id: try #require(message["id"] as? String), subject: message["subject"] as? String ?? "",
        defects: message["defects"] as? [String] ?? [])
    }
  }

  private func search(_ query: String, limit: Int, as user: String) async throws -> HTTPAnswer {
    let text = query.addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? ""
    return try await get("/v1/search?limit=\(limit)&q=\(text)", as: user)
  }

  /// Every byte of a message behind the trace fields of its receipt.
  func received(_ id: String, as user: String = "alice@example.com") async throws -> [UInt8] {
    let answer = try await get("/v1/messages/\(id)/raw", as: user)
    try #require(answer.status == 200, "\(answer)")
    return Array(try Self.behindTrace(answer.body))
  }

  /// Behind `Return-Path` and the folded `Received`, which the server puts before what it receives.
  private static func behindTrace(_ raw: [UInt8]) throws -> ArraySlice<UInt8> {
    var lines = 0
    var rest = raw[...]
    while let end = rest.firstIndex(of: UInt8(ascii: "\n")), lines < 2 || rest.first == UInt8(ascii: "\t") {
      let name = lines == 0 ? "Return-Path: " : lines == 1 ? "Received: " : "\t"
      try #require(rest.starts(with: name.utf8), "\(String(decoding: rest.prefix(100), as: UTF8.self))")
      rest = rest[(end + 1)...]
      lines += 1
    }
    return rest
  }

  /// The most memory that the process ever had, in MiB; what it has now where the kernel does not tell.
  func peakMemory() throws -> Int {
    let status = try String(contentsOfFile: "/proc/\(process.pid)/status", encoding: .utf8)
    let match = try #require(status.firstMatch(of: /Vm(?:HWM|RSS):\s+(\d+) kB/))
    return try #require(Int(match.1)) / 1_024
  }
}

struct FoundMail: Sendable {
  let id: String
  let subject: String
  let defects: [String]
}

/// Runs `body` with a server on a new data directory in which alice has a mailbox.
func withServer(
  isolation: isolated (any Actor)? = #isolation, environment: [String: String] = [:],
  _ body: (TestServer) async throws -> Void
) async throws {
  try await withMailbox { data in
    let server = try await TestServer.start(data, environment: environment)
    try await body(server)
    await server.kill()
  }
}
