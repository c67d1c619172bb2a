import Foundation
import Testing

@Suite(.timeLimit(.minutes(60))) struct SecondProcessTests {
  @Test func `a second server on the same data directory refuses and names the first`() async throws {
    try await withServer { server in
      let line = try await fail(["serve", "--data", server.data, "--http", "127.0.0.1:0", "--smtp", "127.0.0.1:0"])
      #expect(
        line
          == "Error: \(server.data) is in use by process \(server.process.pid); end it, or choose another with --data")
      #expect(try await server.get("/healthz").status == 200)
    }
  }

  @Test func `commands are run by the server, which sees their effect at once`() async throws {
    try await withServer { server in
      let data = ["--data", server.data]
      try await succeed(["user", "add", "carol@example.com"] + data)
      #expect(try await server.send(mail(subject: "Kelp", text: "forest"), to: "carol@example.com").hasPrefix("250"))
      let found = try await succeed(["search", "--user", "carol@example.com", "forest"] + data)
      #expect(found.outputLines.last == "total=1 shown=1")
      #expect(try await succeed(["stats"] + data).output.hasPrefix("users=2 "))
      #expect(try await fail(["user", "remove", "dave@example.com"] + data).contains("no user dave@example.com"))
      try await succeed(["user", "remove", "carol@example.com"] + data)
      #expect(
        try await server.send(mail(subject: "Kelp", text: "forest"), to: "carol@example.com").hasPrefix("550 5.1.1"))
    }
  }

  @Test func `a command beside one that runs alone is refused and told to try again`() async throws {
    try await withMailbox { data in
      let lock = try HeldLock(data + "/maildex.lock", text: "pid 4711\n")
      let line = try await fail(["stats", "--data", data])
      #expect(line.hasPrefix("Error: \(data) is in use by process 4711, which takes no commands now; try again"))
      withExtendedLifetime(lock) {}
    }
  }

  @Test func `a lock that a killed server left behind holds nobody up`() async throws {
    try await withServer { server in
      await server.kill()
      let users = try await succeed(["user", "list", "--data", server.data])
      #expect(users.output == "alice@example.com\n")
    }
  }
}

/// The advisory lock of a process that says nothing.
private final class HeldLock {
  private let handle: FileHandle

  init(_ path: String, text: String) throws {
    try write(Array(text.utf8), to: path)
    handle = try FileHandle(forUpdating: URL(fileURLWithPath: path))
    try #require(flock(handle.fileDescriptor, LOCK_EX | LOCK_NB) == 0)
  }
}
