import Bytes
import Foundation
import MailStore
import Mailboxes
import TestSupport
import Testing

@testable import Ingest

/// Mail that is on its way into a mailbox while packs are compacted.
@Suite(.timeLimit(.minutes(30))) struct ImportCompactionTests {
  private static let eager = PackCompactionOptions(deadShare: 0.05, grace: .zero)
  private static let options = TestEngine.Options(packs: PackOptions(fileByteCount: 64 << 10))

  private static func noise(_ seed: UInt64, _ byteCount: Int) -> String {
    var random = SeededGenerator(seed: seed)
    let bytes = (0..<byteCount).map { _ in UInt8.random(in: 0 ... .max, using: &random) }
    return Data(bytes).base64EncodedString(options: [.lineLength76Characters, .endLineWithLineFeed])
  }

  /// A mail of 30 kB whose attachment others have too.
  private static func mail(_ number: Int, attachment: UInt64) -> String {
    """
    Subject: Mail \(number)
    Message-ID: <\(number)@example.com>
    MIME-Version: 1.0
    Content-Type: multipart/mixed; boundary="cut"

    --cut
    Content-Type: text/plain

    The word is token\(number).
    --cut
    Content-Type: application/octet-stream; name="a.bin"
    Content-Transfer-Encoding: base64

    \(noise(attachment, 20_000))
    --cut--

    """
  }

  private static func files(_ round: Int, in directory: String) throws -> [String] {
    try (0..<12).map { index in
      let path = "\(directory)/\(round)-\(index).eml"
      let number = round * 100 + index
      try Data(mail(number, attachment: UInt64(number % 5)).utf8).write(to: URL(fileURLWithPath: path))
      return path
    }
  }

  @Test(arguments: [1, 2] as [UInt64])
  func `an import and deletions race compaction, and every mail that is left is whole`(seed: UInt64) async throws {
    try await withTemporaryDirectory { directory in
      var random = SeededGenerator(seed: seed)
      try await TestEngine.open(directory + "/data", Self.options) { engine in
        let isDone = Locked(false)
        let compacted = Locked(0)
        let threads = BlockingThreads(name: "compaction", threads: 1)
        defer { threads.close() }
        try await withThrowingTaskGroup(of: Void.self) { group in
          group.addTask {
            try await threads.run {
              while !isDone.withLock({ $0 }) {
                let report = try engine.mailboxes.compactPacks(Self.eager)
                #expect(report.problems == [])
                compacted.withLock { $0 += report.compacted }
              }
            }
          }
          for round in 0..<8 {
            let paths = try Self.files(round, in: directory)
            let result = try await engine.importer().run(user: TestEngine.alice, paths: paths, folder: nil) { _ in }
            #expect(result.imported == 12 && result.failed == 0, "\(result.failures)")
            let found = try await engine.found("in:anywhere")
            let gone = found.shuffled(using: &random).prefix(found.count / 2).map(\.row.id)
            _ = try await engine.mailboxes.delete(TestEngine.alice, ids: gone, permanent: true)
          }
          isDone.withLock { $0 = true }
          try await group.waitForAll()
        }
        #expect(compacted.withLock { $0 } > 0)
        _ = try engine.mailboxes.compactPacks(Self.eager)
        for message in try await engine.found("in:anywhere") {
          let number = Int(message.row.summary.subject.dropFirst("Mail ".count)) ?? -1
          let bytes = try engine.originals.read(message.row.original)
          #expect(
            bytes == Array(Self.mail(number, attachment: UInt64(number % 5)).utf8), "mail \(number), seed \(seed)")
        }
        #expect(try engine.mailboxes.verify { _ in }.problems == [])
      }
    }
  }

  @Test(arguments: [200, 40_000])
  func `a mail sent to 500 recipients is stored once, and stays until the last has deleted it`(byteCount: Int)
    async throws
  {
    try await withTemporaryDirectory { directory in
      try await TestEngine.open(directory + "/data", Self.options) { engine in
        let users = (1...500).map { UserID(rawValue: UInt32($0)) }
        let text = "Subject: All\r\n\r\nkelp " + Self.noise(1, byteCount).replacing("\n", with: "\r\n") + "\r\n"
        try await engine.accept(Array(text.utf8), for: users)
        try await engine.drain([users[0], users[499]])
        let reports = try engine.mailboxes.verify { _ in }
        #expect(reports.problems == [] && reports.messages == 500)
        var references: Set<BlobReference> = []
        for user in users {
          let message = try #require(try await engine.found("kelp", user: user).first, "\(user)")
          references.insert(message.row.original)
        }
        let reference = try #require(references.first)
        #expect(references.count == 1)
        // Enough after it that its file is sealed.
        for number in 0..<24 {
          try await engine.accept(
            Array("Subject: \(number)\r\n\r\n\(Self.noise(UInt64(number), 9_000))\r\n".utf8), for: users[0])
        }
        for number in 0..<6 {
          _ = try await engine.originals.store(Array(Self.noise(UInt64(900 + number), 30_000).utf8))
        }
        try await engine.drain([users[0]])

        for (position, user) in users.enumerated() {
          let gone = try await engine.found("kelp", user: user).map(\.row.id)
          _ = try await engine.mailboxes.delete(user, ids: gone, permanent: true)
          guard [250, 498].contains(position) else { continue }
          _ = try engine.mailboxes.compactPacks(Self.eager)
          #expect(try engine.originals.read(reference) == Array(text.utf8), "\(position + 1) have deleted it")
        }
        _ = try engine.mailboxes.compactPacks(Self.eager)
        #expect(throws: StoreError.self) { try engine.originals.read(reference) }
      }
    }
  }

  @Test func `a mail that is in the queue stays, and is delivered after compaction`() async throws {
    try await withTemporaryDirectory { directory in
      try await TestEngine.open(directory + "/data", Self.options) { engine in
        let bytes = Array("Subject: Late\r\n\r\nperiwinkle \(Self.noise(7, 3_000))\r\n".utf8)
        for number in 0..<40 {
          let text = "Subject: \(number)\r\n\r\nsoon gone \(Self.noise(UInt64(100 + number), 6_000))\r\n"
          try await engine.accept(Array(text.utf8), for: TestEngine.alice)
        }
        try await engine.drain([TestEngine.alice])
        try await engine.accept(bytes, for: TestEngine.bob)
        for number in 0..<40 {
          let text = "Subject: \(number)\r\n\r\nsoon gone \(Self.noise(UInt64(200 + number), 6_000))\r\n"
          try await engine.accept(Array(text.utf8), for: TestEngine.bob)
        }
        let gone = try await engine.found("soon").map(\.row.id)
        _ = try await engine.mailboxes.delete(TestEngine.alice, ids: gone, permanent: true)
        #expect(try engine.mailboxes.compactPacks(Self.eager).compacted > 0)
        #expect(engine.queue.itemsWithoutFrame().isEmpty)
        try await engine.drain([TestEngine.bob])
        let found = try #require(try await engine.found("periwinkle", user: TestEngine.bob).first)
        #expect(try engine.originals.read(found.row.original) == bytes)
        #expect(try engine.mailboxes.verify { _ in }.problems == [])
      }
    }
  }
}
