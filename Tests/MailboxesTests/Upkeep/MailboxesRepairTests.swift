import Bytes
import Index
import MailStore
import Query
import TestSupport
import Testing

@testable import Mailboxes

@Suite struct MailboxesRepairTests {
  private func repair(_ door: Door) throws -> [String] {
    var lines: [String] = []
    try door.mailboxes.repair(extract: Letter.remade, report: { lines.append($0) }, throttle: {})
    return lines
  }

  @Test func `a sound index is left as it is`() async throws {
    try await Door.open { door in
      try await door.store("one")
      door.shard.maintain()
      let files = try door.files.list(door.path + "/shards/00/index")
      #expect(try repair(door) == [])
      #expect(try door.files.list(door.path + "/shards/00/index") == files)
    }
  }

  @Test(arguments: [true, false])
  func `a damaged run is named, mended from the originals, and then verify finds nothing`(isOpen: Bool) async throws {
    try await Door.open { door in
      for number in 1...3 { try await door.store("mail\(number) common") }
      try await door.store("other", to: Door.bob)
      door.shard.maintain()
      let directory = door.path + "/shards/00/index"
      let name = try #require(try door.files.list(directory).first { $0.hasSuffix(".run") })
      let bytes = try door.files.readFile(directory + "/" + name)
      // Somewhere in the frames of the first user.
      let offset = UInt64(bytes.count / 2)
      let file = try door.files.open(directory + "/" + name, .readWrite)
      try file.write([bytes[Int(offset)] ^ 1], at: offset)
      try file.syncData()
      func check(_ door: Door) async throws {
        let problems = try door.mailboxes.verify { _ in }.problems
        #expect(problems.contains { $0.contains(name) && $0.contains("verify --repair") }, "\(problems)")
        let lines = try repair(door)
        #expect(lines.first?.hasPrefix("index of shard 0: \(name) quarantined: ") == true, "\(lines)")
        #expect(try door.mailboxes.verify { _ in }.problems == [])
        #expect(try await door.found("common") == ["mail3 common", "mail2 common", "mail1 common"])
        #expect(try await door.found("other", user: Door.bob) == ["other"])
        #expect(try door.files.list(directory + "/quarantine") == [name])
        #expect(try repair(door) == [])
      }
      if isOpen { try await check(door) } else { try await door.reopened { try await check($0) } }
    }
  }

  @Test func `messages that the index shows otherwise than the rows are made right`() async throws {
    try await Door.open { door in
      let id = try await door.store("one")
      try await door.store("two")
      #expect(try await door.found("in:anywhere").count == 2)
      door.shard.index.apply(
        [.remove(Door.alice, id.docID)], shardSequence: door.shard.view.appliedSequence, userSequences: [:])
      #expect(try !door.mailboxes.verify { _ in }.problems.isEmpty)
      let lines = try repair(door)
      #expect(lines.contains("index of shard 0: 1 text records made anew, of users u1"))
      #expect(try door.mailboxes.verify { _ in }.problems == [])
      #expect(try await door.found("one") == ["one"])
    }
  }

  @Test func `a mailbox's part of the index is counted`() async throws {
    try await Door.open { door in
      for number in 1...40 { try await door.store("mail\(number) common") }
      try await door.store("other", to: Door.bob)
      door.shard.maintain()
      try door.shard.compact()
      try await door.store("pending")
      let statistics = try door.mailboxes.indexStatistics(of: Door.alice)
      #expect(statistics.liveDocuments == 41 && statistics.coveredDocuments == 40 && statistics.pendingDocuments == 1)
      #expect(statistics.unflushedDocuments == 1 && statistics.missingDocuments == 0)
      #expect(statistics.segments.map(\.documents) == [40] && statistics.segments[0].terms == statistics.terms)
      #expect(statistics.runs.map(\.documents) == [40] && statistics.runs[0].level == 0)
      #expect(statistics.recordByteCount > 0 && statistics.textByteCount > 0 && statistics.loadedByteCount > 0)
      #expect(try door.mailboxes.indexStatistics(of: Door.bob).liveDocuments == 1)
    }
  }

  @Test func `why a message is a hit or not is told by its id and by its Message-ID`() async throws {
    try await Door.open { door in
      let id = try await door.store(Letter(subject: "anchor chain"))
      @Sendable func why(_ name: String, _ query: String) async throws -> [MessageMatch] {
        try await door.mailboxes.explainMatches(
          Door.alice, of: name, with: try parseQuery(query).root, deadline: .now + .seconds(60))
      }
      let hit = try await why("\(id)", "anchor")
      #expect(hit.map(\.explanation.isHit) == [true] && hit[0].message.row.id == id)
      #expect(try await why("\(id)", "anchors").map(\.explanation.isHit) == [false])
      #expect(try await refusal { _ = try await why("nothing@example.com", "anchor") } == .notFound)
      #expect(try await refusal { _ = try await why("018bcfe5-6800-7001-8000-00000000012c", "anchor") } == .notFound)
    }
  }
}
