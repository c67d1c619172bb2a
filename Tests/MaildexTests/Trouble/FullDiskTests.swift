import Foundation
import Glibc
import TestSupport
import Testing

/// A disk that is really full: a small file system in memory.
@Suite(.timeLimit(.minutes(60)), .enabled(if: SmallDisk.canBeMade, "mounting a small file system needs root"))
struct FullDiskTests {
  @Test func `mail is put off while the disk is full, nothing is lost, and all goes on when space returns`()
    async throws
  {
    try await withMailboxOnSmallDisk { data, disk in
      let server = try await TestServer.start(data)
      var accepted: [String] = []
      func send(_ name: String) async throws -> String {
        let reply = try await server.send(bulkyMail(name), to: "alice@example.com")
        if reply.hasPrefix("250") { accepted.append(name) }
        return reply
      }
      for number in 0..<3 { #expect(try await send("before\(number)").hasPrefix("250")) }

      try disk.fill()
      var reply = ""
      for number in 0..<200 where !reply.hasPrefix("4") { reply = try await send("during\(number)") }
      #expect(reply.hasPrefix("452 4.3.1"), "\(reply)")
      #expect(try await server.get("/healthz").status == 200)
      let search = try await server.get("/v1/search?q=before0")
      #expect(search.status == 200 || search.status == 503, "\(search)")

      try disk.free()
      try await waitUntil { try await send("after\(accepted.count)").hasPrefix("250") }
      try await waitUntil { try await server.total("bulky") == accepted.count }
      for name in accepted {
        let found = try await server.find(name)
        #expect(found.count == 1, "\(name)")
        if let found = found.first { #expect(try await server.received(found.id) == bulkyMail(name), "\(name)") }
      }
      try await succeed(["verify", "--data", data])
      #expect(await server.stop().status == 0)
    }
  }

  @Test func `a change that finds no room answers 503, and is done when it is asked for again`() async throws {
    try await withMailboxOnSmallDisk { data, disk in
      let server = try await TestServer.start(data)
      try disk.fill()
      // What is reserved ahead takes some changes; the rest meets the end of the disk.
      var created = 0
      var answer = try await server.createFolder(0)
      while answer.status == 201 && created < 400 {
        created += 1
        answer = try await server.createFolder(created)
      }
      #expect(answer.status == 503 && answer.contentType == "application/problem+json", "\(answer)")
      try disk.free()
      try await waitUntil { try await server.createFolder(created).status == 201 }
      #expect(await server.stop().status == 0)

      let again = try await TestServer.start(data)
      let body = try await again.get("/v1/folders?limit=500").body
      let folders = try #require(try JSONSerialization.jsonObject(with: Data(body)) as? [[String: Any]])
      #expect(folders.compactMap { $0["name"] as? String }.filter { $0.hasPrefix("Folder") }.count == created + 1)
    }
  }

  @Test func `an import that finds no room fails in one line, and goes on when space returns`() async throws {
    try await withMailboxOnSmallDisk { data, disk in
      try await withTemporaryDirectory { elsewhere in
        for number in 0..<60 { try write(bulkyMail("import\(number)"), to: elsewhere + "/mails/\(number).eml") }
        try disk.fill(leaving: 2 << 20)
        let command = ["import", "--user", "alice@example.com", "--data", data, elsewhere + "/mails"]
        let line = try await fail(command, environment: ["MAILDEX_LOG_LEVEL": "critical"])
        #expect(line.hasPrefix("Error: the disk is full: "), "\(line)")
        #expect(line.hasSuffix("free some space and run the command again"), "\(line)")
        try disk.free()
        let last = try await succeed(command).outputLines.last ?? ""
        let counts = try #require(last.firstMatch(of: /imported=(\d+) skipped=(\d+) failed=0/), "\(last)")
        #expect(try #require(Int(counts.1)) + #require(Int(counts.2)) == 60)
        try await succeed(["verify", "--data", data])
      }
    }
  }

  /// Does not compress, so that a few of them fill what is left of the disk.
  private func bulkyMail(_ name: String) -> [UInt8] {
    var generator = SeededGenerator(seed: UInt64(name.utf8.reduce(5_381) { ($0 &* 33) ^ UInt($1) }))
    let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789".utf8)
    let lines = (0..<1_000).map { _ in
      String(decoding: (0..<72).map { _ in alphabet[Int(generator.next() % 62)] }, as: UTF8.self)
    }
    let head = "From: Dan <dan@example.net>\r\nSubject: bulky \(name)\r\nContent-Type: application/octet-stream\r\n\r\n"
    return Array((head + lines.joined(separator: "\r\n") + "\r\n").utf8)
  }
}

extension TestServer {
  fileprivate func createFolder(_ number: Int) async throws -> HTTPAnswer {
    let name = "Folder \(number) " + String(repeating: "x", count: 150)
    return try await request("POST", "/v1/folders", body: "{\"name\":\"\(name)\"}")
  }
}

private func withMailboxOnSmallDisk(
  isolation: isolated (any Actor)? = #isolation, _ body: (_ data: String, SmallDisk) async throws -> Void
) async throws {
  try await Turns.shared.take {
    try await withTemporaryDirectory { directory in
      let disk = try SmallDisk(at: directory, mebibytes: 48)
      defer { disk.unmount() }
      try await succeed(["user", "add", "alice@example.com", "--data", directory + "/data"])
      try await body(directory + "/data", disk)
    }
  }
}

/// A file system of a few mebibytes, mounted over a directory, with a ballast file that can fill it to the last byte.
private struct SmallDisk {
  let directory: String
  private var ballast: String { directory + "/ballast" }

  init(at directory: String, mebibytes: Int) throws {
    self.directory = directory
    guard mount("tmpfs", directory, "tmpfs", 0, "size=\(mebibytes)m") == 0 else {
      throw Connection.Failure(description: "cannot mount: errno \(errno)")
    }
  }

  func fill(leaving rest: Int = 0) throws {
    let descriptor = open(ballast, O_WRONLY | O_CREAT, 0o600)
    defer { close(descriptor) }
    try #require(descriptor >= 0)
    // Others take space at the same time, so what is free cannot be asked for and taken at once.
    var size: off_t = 0
    for step in [1 << 20, 4_096] { while posix_fallocate(descriptor, size, off_t(step)) == 0 { size += off_t(step) } }
    try #require(ftruncate(descriptor, max(0, size - off_t(rest))) == 0)
  }

  /// Root may mount one, but for some containers.
  static let canBeMade: Bool = {
    let directory = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
    try? FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: directory) }
    guard let disk = try? SmallDisk(at: directory.path, mebibytes: 1) else { return false }
    disk.unmount()
    return true
  }()

  func free() throws { try FileManager.default.removeItem(atPath: ballast) }

  func unmount() { umount2(directory, Int32(MNT_DETACH)) }
}
