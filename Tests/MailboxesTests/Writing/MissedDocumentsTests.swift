import Bytes
import Index
import MailStore
import TestSupport
import Testing

@testable import Mailboxes

/// Documents that were missed when their mail came become its text later, through the one door.
@Suite(.timeLimit(.minutes(10))) struct MissedDocumentsTests {
  @Test func `what is read later is found, and nothing else of the message changes`() async throws {
    try await Door.open { door in
      let id = try await door.store(Door.missing)
      try await door.store(Letter(subject: "later", minute: 1))
      let before = try #require(try await door.mailboxes.row(Door.alice, id: id))
      var turns = DocumentTurns()
      #expect(try await door.mailboxes.beginDueTry(&turns) == nil, "its time has not come")
      door.clock.advance(by: .seconds(60))
      let tried = try #require(try await door.mailboxes.beginDueTry(&turns))
      #expect(tried.row == before)
      #expect(try await door.mailboxes.beginDueTry(&turns) == nil, "it is being tried")
      #expect(try await door.mailboxes.end(tried, try door.reread(tried), missing: nil))

      func check(_ door: Door) async throws {
        let hits = try await door.search("attachment:cormorant periwinkle").hits.map(\.message.row)
        let row = try #require(hits.first)
        #expect(hits.count == 1 && before.summary.defects == ["unread-attachment"] && row.summary.defects == [])
        #expect(row.id == id && row.docID == before.docID && row.receivedAt == before.receivedAt)
        #expect(row.folder == before.folder && row.flags == before.flags && row.thread == before.thread)
        #expect(try await door.found("in:anywhere") == ["later", "Tides"], "its place is the same")
        #expect(try await door.changes().map(\.kind).suffix(3) == [.messageAdded, .messageAdded, .messageUpdated])
        #expect(try await door.missed() == [])
        door.clock.advance(by: Door.aDay)
        var turns = DocumentTurns()
        #expect(try await door.mailboxes.beginDueTry(&turns) == nil)
        try await door.audit([Door.alice])
      }
      try await check(door)
      #expect(try await !door.mailboxes.end(tried, try door.reread(tried), missing: nil), "it has ended")
      try await check(door)
      door.shard.maintain()
      try await check(door)
      try await door.crashed(.dropped) { try await check($0) }
    }
  }

  @Test func `documents that turn out to have no text change the defects alone`() async throws {
    try await Door.open { door in
      try await door.store(Door.missing)
      door.clock.advance(by: Door.aDay)
      var turns = DocumentTurns()
      let tried = try #require(try await door.mailboxes.beginDueTry(&turns))
      let reread = RereadMessage(record: nil, earlier: nil, defects: [])
      #expect(try await door.mailboxes.end(tried, reread, missing: nil))
      func check(_ door: Door) async throws {
        let hits = try await door.search("periwinkle").hits.map(\.message.row)
        #expect(hits.map(\.summary.defects) == [[]])
        #expect(try await door.changes().map(\.kind).suffix(2) == [.messageAdded, .messageUpdated])
        #expect(try await door.missed() == [])
        try await door.audit([Door.alice])
      }
      try await check(door)
      try await door.crashed(.dropped) { try await check($0) }
    }
  }

  @Test func `a message moves and is read while its document is, and keeps that`() async throws {
    try await Door.open { door in
      let id = try await door.store(Door.missing)
      door.clock.advance(by: Door.aDay)
      var turns = DocumentTurns()
      let tried = try #require(try await door.mailboxes.beginDueTry(&turns))
      let archive = try await door.folder(.archive).row.id
      _ = try await door.mailboxes.update(Door.alice, ids: [id], MessageUpdate(isRead: true, folder: archive))
      try await door.mailboxes.end(tried, try door.reread(tried), missing: nil)
      #expect(try await door.found("cormorant in:archive is:read") == ["Tides"])
      try await door.crashed(.dropped) { door in
        #expect(try await door.found("cormorant in:archive is:read") == ["Tides"])
        try await door.audit([Door.alice])
      }
    }
  }

  @Test func `a try is counted before it is made, and after the last the reason stays`() async throws {
    try await Door.open { door in
      try await door.store(Door.missing)
      var tries = 0
      var turns = DocumentTurns()
      door.clock.advance(by: Door.aDay)
      while let tried = try await door.mailboxes.beginDueTry(&turns) {
        tries += 1
        // Of the others nothing is ever heard.
        if tries == 2 { try await door.mailboxes.end(tried, nil, missing: "timeout") }
        door.clock.advance(by: Door.aDay)
        if tries > 100 { break }
      }
      #expect(tries == DocumentRetry.maxTries)
      let last = DocumentRetry(tries: DocumentRetry.maxTries, dueAt: nil, reason: "timeout")
      #expect(try await door.missed() == [last])
      #expect(try door.mailboxes.missedDocumentCounts() == DocumentRetryCounts(givenUp: 1))
      #expect(try await door.changes().last?.kind == .messageAdded, "no client hears of tries")
      try await door.crashed(.dropped) { door async throws in #expect(try await door.missed() == [last]) }
    }
  }

  @Test func `a try that was stopped does not count`() async throws {
    try await Door.open { door in
      try await door.store(Door.missing)
      door.clock.advance(by: Door.aDay)
      let before = try await door.missed()
      var turns = DocumentTurns()
      for _ in 0..<10 {
        let tried = try #require(try await door.mailboxes.beginDueTry(&turns))
        #expect(try await door.missed() != before)
        try await door.mailboxes.takeBack(tried)
        #expect(try await door.missed() == before)
      }
    }
  }

  @Test func `a try of a message that went, or of a mailbox that did, ends in nothing`() async throws {
    try await Door.open { door in
      let id = try await door.store(Door.missing)
      try await door.store(Door.missing, to: Door.bob)
      door.clock.advance(by: Door.aDay)
      var turns = DocumentTurns()
      let first = try #require(try await door.mailboxes.beginDueTry(&turns))
      let second = try #require(try await door.mailboxes.beginDueTry(&turns))
      #expect([first.row.user, second.row.user] == [Door.alice, Door.bob])
      let (rereadFirst, rereadSecond) = (try door.reread(first), try door.reread(second))
      _ = try await door.mailboxes.delete(Door.alice, ids: [id], permanent: true)
      try await door.mailboxes.removeMailbox(Door.bob)
      #expect(try await !door.mailboxes.end(first, rereadFirst, missing: nil))
      #expect(try await !door.mailboxes.end(second, rereadSecond, missing: nil))
      try await door.mailboxes.takeBack(first)
      #expect(try await door.found("cormorant in:anywhere") == [])
      #expect(try door.mailboxes.missedDocumentCounts() == DocumentRetryCounts())
    }
  }

  @Test func `users take turns, in all shards`() async throws {
    try await Door.open(Door.Options(shardCount: 2)) { door in
      let users: [UInt32] = [1, 2, 3, 4]
      for user in users {
        for number in 0..<(user == 1 ? 6 : 1) {
          var letter = Door.missing
          letter.subject = "Tides \(number)"
          try await door.store(letter, to: UserID(rawValue: user))
        }
      }
      door.clock.advance(by: Door.aDay)
      var turns = DocumentTurns()
      var tried: [UInt32] = []
      while let next = try await door.mailboxes.beginDueTry(&turns) {
        try await door.mailboxes.end(next, nil, missing: nil)
        tried.append(next.row.user.rawValue)
      }
      #expect(tried.sorted() == [1, 1, 1, 1, 1, 1, 2, 3, 4])
      // Whoever shares user 1's shard waits for one of user 1's documents at most, the others of the other shard among them.
      let lasts = users.dropFirst().compactMap { tried.lastIndex(of: $0) }
      #expect(lasts.allSatisfy { $0 < 8 } && tried.last == 1, "\(tried)")
    }
  }

  @Test func `saved searches announce what matches by its document alone, once, but for imports`() async throws {
    try await Door.open { door in
      try await door.stand("cormorant")
      try await door.stand("periwinkle")
      try await door.store(Door.missing)
      var imported = Door.missing
      imported.subject = "Imported"
      imported.trace = ""
      imported.skipsKnownContent = true
      try await door.store(imported)
      door.clock.advance(by: Door.aDay)
      try await door.stand("attachment:cormorant")
      try await door.readDueDocuments()
      let names = Dictionary(
        uniqueKeysWithValues: try await door.mailboxes.savedSearches(Door.alice, after: nil, limit: 10).map {
          ($0.id, $0.name)
        })
      let matches = try await door.changes().filter { $0.kind == .messageMatched }
      #expect(matches.map { $0.searches.map { names[$0] } } == [["periwinkle"], ["cormorant"]])
      #expect(try await door.found("cormorant").count == 2)
      try await door.audit([Door.alice])
    }
  }

  @Test func `where it cannot be told what matched before, nothing is announced`() async throws {
    try await Door.open { door in
      try await door.stand("cormorant")
      try await door.store(Door.missing)
      door.clock.advance(by: Door.aDay)
      var turns = DocumentTurns()
      let tried = try #require(try await door.mailboxes.beginDueTry(&turns))
      let record = try #require(try door.reread(tried).record)
      let damaged = EncodedRecord(frame: [0], termHashes: record.termHashes, beginnings: record.beginnings)
      let reread = RereadMessage(record: record, earlier: damaged, defects: [])
      #expect(try await door.mailboxes.end(tried, reread, missing: nil))
      #expect(try await door.found("cormorant") == ["Tides"])
      #expect(try await door.changes().map(\.kind).suffix(2) == [.messageAdded, .messageUpdated])
    }
  }

  @Test func `a rebuild from the originals has missed documents tried again, and says what it keeps`() async throws {
    try await Door.open { door in
      try await door.store(Letter(subject: "old", body: "limpet"))
      try await door.store("whole")
      var reason: String? = "unavailable"
      let asked = Locked<[String]>([])
      func rebuild() throws {
        try door.mailboxes.reindex(
          shard: 0, user: nil, isFromSource: true,
          extract: { _, original, earlier in
            let record = Letter.record(of: original)
            let isOld = record.subject == "old"
            if isOld, let earlier = try earlier() { asked.withLock { $0.append(earlier.subject) } }
            return RemadeRecord(record: record, missedReason: isOld ? reason : nil)
          }, report: { _ in }, throttle: {})
      }
      try rebuild()
      #expect(asked.withLock { $0 } == ["old"])
      #expect(try await door.missed().map(\.reason) == ["unavailable"])
      func giveUp() async throws {
        var turns = DocumentTurns()
        repeat { door.clock.advance(by: Door.aDay) } while try await door.mailboxes.beginDueTry(&turns) != nil
      }
      try await giveUp()
      let givenUp = try await door.missed()
      #expect(givenUp.map(\.dueAt) == [nil])
      try rebuild()
      #expect(try await door.missed() == givenUp, "it is given up once")
      reason = "busy"
      try rebuild()
      let again = DocumentRetry(missedAt: door.clock.now(), reason: "busy")
      #expect(try await door.missed() == [again], "another reason is another matter")
      door.clock.advance(by: .seconds(1))
      try rebuild()
      #expect(try await door.missed() == [again])
      try await giveUp()
      reason = nil
      try rebuild()
      #expect(try await door.missed().map(\.dueAt) == [door.clock.now()], "what can be read now is the message's too")
      try await door.readDueDocuments()
      #expect(try await door.found("cormorant") == ["old"])
      #expect(try await door.missed() == [])
    }
  }
}
