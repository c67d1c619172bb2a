import Foundation
import Testing

@Suite(.timeLimit(.minutes(60))) struct DamagedFileTests {
  private func withImportedMail(_ body: (_ data: String, _ packs: [String]) async throws -> Void) async throws {
    try await withMailbox { data in
      for word in ["anchor", "buoy"] {
        try write(mail(subject: word, text: "about the \(word)"), to: data + "-\(word).eml")
        try await succeed(["import", "--user", "alice@example.com", "--data", data, data + "-\(word).eml"])
      }
      let folder = data + "/blobs/packs"
      try await body(
        data, try FileManager.default.contentsOfDirectory(atPath: folder).sorted().map { "\(folder)/\($0)" })
    }
  }

  @Test func `a damaged control file is named, and restoring it brings everything back`() async throws {
    try await withMailbox { data in
      let control = data + "/control.sqlite"
      for suffix in ["-wal", "-shm"] { try? FileManager.default.removeItem(atPath: control + suffix) }
      let good = try Data(contentsOf: URL(fileURLWithPath: control))
      try write([UInt8](repeating: 0x58, count: good.count), to: control)
      for command in [["serve"], ["user", "list"], ["verify"]] {
        let line = try await fail(command + ["--data", data], environment: ["MAILDEX_LOG_LEVEL": "critical"])
        #expect(line.contains("\(control) is damaged") && line.contains("restore it from a backup"), "\(line)")
      }
      try good.write(to: URL(fileURLWithPath: control))
      #expect(try await succeed(["user", "list", "--data", data]).output == "alice@example.com\n")
    }
  }

  @Test func `a damaged pack file is named by verify, its mail answers a problem, and the others go on`() async throws {
    try await withImportedMail { data, packs in
      let pack = try #require(packs.first)
      var bytes = Array(try Data(contentsOf: URL(fileURLWithPath: pack)))
      let text = try #require(Data(bytes).range(of: Data("about the anchor".utf8)))
      bytes[text.lowerBound] ^= 1
      try write(bytes, to: pack)
      try await expectOneLost(data, named: pack)
    }
  }

  @Test func `a missing pack file is named by verify, its mail answers a problem, and new mail comes in`() async throws
  {
    try await withImportedMail { data, packs in
      let missing = try #require(packs.first)
      try FileManager.default.removeItem(atPath: missing)
      let verified = try await MaildexProcess.run(["verify", "--data", data])
      #expect(verified.status == 1, "\(verified)")
      // Files are called by the number of their pack.
      let number = try #require(Int((missing as NSString).lastPathComponent.prefix { $0.isNumber }))
      #expect(verified.output.contains("is missing: pack \(number) "), "\(verified)")
      let server = try await TestServer.start(data)
      for message in try await server.find("anchor OR buoy") {
        let answer = try await server.get("/v1/messages/\(message.id)/raw")
        #expect(answer.status == 500 && answer.contentType == "application/problem+json", "\(answer)")
        #expect(answer.json["detail"] as? String == "the stored mail is damaged; the operator's log says where")
      }
      #expect(try await server.send(mail(subject: "New", text: "capstan"), to: "alice@example.com").hasPrefix("250"))
      let found = try #require(try await server.find("capstan").first)
      #expect(try await server.received(found.id) == mail(subject: "New", text: "capstan"))
      #expect(await server.stop().status == 0)
    }
  }

  private func expectOneLost(_ data: String, named file: String) async throws {
    let verified = try await MaildexProcess.run(["verify", "--data", data])
    #expect(verified.status == 1, "\(verified)")
    #expect(verified.output.contains(file), "\(verified)")
    #expect(verified.errorLines.last == "Error: problems found: 1; each line above says where", "\(verified)")

    let server = try await TestServer.start(data)
    let lost = try #require(try await server.find("anchor").first, "what is damaged is still found by its text")
    let answer = try await server.get("/v1/messages/\(lost.id)/raw")
    #expect(answer.status == 500 && answer.contentType == "application/problem+json", "\(answer)")
    let whole = try #require(try await server.find("buoy").first)
    let raw = try await server.get("/v1/messages/\(whole.id)/raw")
    #expect(raw.status == 200 && raw.body == mail(subject: "buoy", text: "about the buoy"), "\(raw)")
    #expect(server.process.errorsSoFar.contains(file), "the log does not say where the damage is")
    #expect(await server.stop().status == 0)
  }
}
