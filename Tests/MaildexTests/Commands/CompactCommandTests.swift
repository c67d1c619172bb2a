import Foundation
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(60))) struct CompactCommandTests {
  private let eager = ["MAILDEX_STORE_COMPACTION_GRACE": "0", "MAILDEX_EXTRACTION_ENABLED": "false"]
  /// More than a pack file has room for, by two thirds.
  private static let count = 54
  private static let attachmentByteCount = 2_000_000

  /// What is in the attachment is of no meaning, but must not be compressed.
  private func attachmentMail(_ number: Int) throws -> [UInt8] {
    let noise = try FileHandle(forReadingFrom: URL(fileURLWithPath: "/dev/urandom"))
    let data = try #require(try noise.read(upToCount: Self.attachmentByteCount))
    let text = data.base64EncodedString(options: [
      .lineLength76Characters, .endLineWithCarriageReturn, .endLineWithLineFeed,
    ])
    return Array(
      ("Subject: Crate \(number)\r\nMessage-ID: <\(number)@example.com>\r\nMIME-Version: 1.0\r\n"
        + "Content-Type: multipart/mixed; boundary=\"cut\"\r\n\r\n--cut\r\nContent-Type: text/plain\r\n\r\ncapstan\r\n--cut\r\n"
        + "Content-Type: application/octet-stream\r\nContent-Transfer-Encoding: base64\r\n\r\n\(text)\r\n--cut--\r\n")
        .utf8)
  }

  private func packByteCount(_ data: String) throws -> Int {
    let folder = data + "/blobs/packs"
    return try FileManager.default.contentsOfDirectory(atPath: folder).filter { $0.hasSuffix(".pack") }.reduce(0) {
      let size = try FileManager.default.attributesOfItem(atPath: folder + "/" + $1)[.size] as? Int
      return $0 + (size ?? 0)
    }
  }

  @Test(arguments: [true, false])
  func `compact gives the space of deleted mail back, beside a server and alone`(isServing: Bool) async throws {
    try await withMailbox { data in
      let mails = data + "-mails"
      try FileManager.default.createDirectory(atPath: mails, withIntermediateDirectories: true)
      for number in 0..<Self.count { try write(try attachmentMail(number), to: "\(mails)/\(number).eml") }
      try await succeed(["import", "--user", "alice@example.com", "--data", data, mails], environment: eager)
      let full = try packByteCount(data)
      #expect(full > 60 << 20)

      let server = try await TestServer.start(data, environment: eager)
      let all = try await server.find("capstan in:anywhere")
      #expect(all.count == Self.count)
      for (position, message) in all.enumerated() where position % 9 != 0 {
        #expect(try await server.request("DELETE", "/v1/messages/\(message.id)?permanent=true").status < 300)
      }
      let kept = all.enumerated().filter { $0.offset % 9 == 0 }.map(\.element.id)
      var before: [[UInt8]] = []
      for id in kept { before.append(try await server.get("/v1/messages/\(id)/raw").body) }
      if !isServing { #expect(await server.stop().status == 0) }

      let dry = try await succeed(["compact", "--dry-run", "--data", data], environment: eager).outputLines
      #expect(dry.first?.contains(/^pack=\d+ bytes=\d+ live=\d+ dead=\d+$/) == true, "\(dry)")
      #expect(dry.last?.contains(/^compactable packs=1 freed=\d+ kept=\d+ seconds=\d+\.\d+$/) == true, "\(dry)")
      #expect(try packByteCount(data) == full)
      let verified = try await succeed(["verify", "--data", data], environment: eager).outputLines
      #expect(verified.last?.contains(/orphans=\d\d+ orphan_bytes=\d{8,} problems=0$/) == true, "\(verified)")

      let lines = try await succeed(["compact", "--data", data], environment: eager).outputLines
      let line = try #require(
        lines.last?.wholeMatch(of: /compacted packs=1 freed=(\d+) kept=(\d+) seconds=\d+\.\d+/), "\(lines)")
      #expect(try packByteCount(data) == full - (Int(line.1) ?? 0))
      #expect(Int(line.1) ?? 0 > 30 << 20)
      let again = try await succeed(["compact", "--data", data], environment: eager).outputLines
      #expect(again.last?.hasPrefix("compacted packs=0 freed=0 kept=0 ") == true, "\(again)")
      #expect(try await succeed(["verify", "--data", data]).outputLines.last?.hasSuffix(" problems=0") == true)

      let next = isServing ? server : try await TestServer.start(data, environment: eager)
      for (id, bytes) in zip(kept, before) { #expect(try await next.get("/v1/messages/\(id)/raw").body == bytes) }
      if isServing {
        let metrics = String(decoding: try await next.get("/metrics").body, as: UTF8.self)
        for name in [
          "maildex_pack_compacted_total 1\n", "maildex_pack_compaction_runs_total 2\n", "maildex_pack_dead_bytes ",
        ] {
          #expect(metrics.contains(name), "\(name)")
        }
      }
      #expect(await next.stop().status == 0)
    }
  }

  @Test func `what compaction may be told is checked`() async throws {
    try await withMailbox { data in
      for (name, value) in [
        ("DEAD_SHARE", "0"), ("DEAD_SHARE", "1.5"), ("DEAD_SHARE", "half"), ("GRACE", "-1"), ("ENABLED", "yes"),
      ] {
        let line = try await fail(
          ["compact", "--data", data], environment: ["MAILDEX_STORE_COMPACTION_" + name: value])
        #expect(line.contains("store.compaction." + name.lowercased()), "\(line)")
      }
    }
  }
}
