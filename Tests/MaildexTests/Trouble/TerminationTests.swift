import Foundation
import Testing

@Suite(.timeLimit(.minutes(60))) struct TerminationTests {
  @Test(arguments: [SIGTERM, SIGINT])
  func `a signal ends the server in good order, and all is there again`(signal: Int32) async throws {
    try await withServer { server in
      let subjects = (0..<20).map { "Order \($0)" }
      let smtp = server.smtp
      try await Blocking.run {
        let client = try SMTPClient(to: smtp)
        for subject in subjects {
          let reply = try client.send(mail(subject: subject, text: "tidegauge"), to: ["alice@example.com"])
          guard reply.hasPrefix("250 2.0.0") else { throw Connection.Failure(description: reply) }
        }
      }
      server.process.send(signal)
      let result = await server.process.result()
      #expect(result.status == 0, "\(result)")
      #expect(!FileManager.default.fileExists(atPath: server.data + "/run/maildex.sock"))

      let again = try await TestServer.start(server.data)
      #expect(try await Set(again.find("tidegauge").map(\.subject)) == Set(subjects))
      try await succeed(["verify", "--data", server.data])
      #expect(await again.stop().status == 0)
    }
  }

  @Test func `an idle client is told to come back`() async throws {
    try await withServer { server in
      let smtp = server.smtp
      let client = try await Blocking.run { try SMTPClient(to: smtp) }
      server.process.send(SIGTERM)
      #expect(try await Blocking.run { try client.reply() }.hasPrefix("421 4.3.2"))
      #expect(await server.process.result().status == 0)
    }
  }
}
