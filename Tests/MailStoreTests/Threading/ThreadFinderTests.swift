import Bytes
import MailStore
import TestSupport
import Testing

@Suite struct ThreadFinderTests {
  private static let day: Int64 = 24 * 60 * 60 * 1_000
  private static let start: Int64 = 1_700_000_000_000

  private static func mail(
    _ id: String?, references: [String] = [], inReplyTo: [String] = [], subject: String = "Lunch",
    at days: Double = 0, people: [String] = ["bob@example.org"]
  ) -> ThreadingInput {
    ThreadingInput(
      messageID: id, references: references, inReplyTo: inReplyTo, subject: subject,
      receivedAt: Timestamp(rawValue: start + Int64(days * Double(day))), participants: people + ["ada@example.com"],
      ownAddresses: ["ada@example.com", "ada.alias@example.com"])
  }

  /// Delivers in order and gives the thread that each message is in at the end.
  private func threads(_ mails: [ThreadingInput]) throws -> [UInt32] {
    try withTemporaryDirectory { directory in
      let fixture = try ViewFixture(directory)
      try fixture.apply([.folderCreated(Sample.folder(1))])
      for mail in mails { try fixture.deliver(mail) }
      try fixture.view.commit()
      let attributes = try fixture.view.allAttributes(UserID(rawValue: 1))
      return attributes.map(\.thread.rawValue)
    }
  }

  @Test func `a reply joins by its references or by In-Reply-To`() throws {
    #expect(
      try threads([
        Self.mail("a"), Self.mail("b", references: ["a"], subject: "x"),
        Self.mail("c", inReplyTo: ["<b>"], subject: "y"),
        Self.mail("d", subject: "z"),
      ]) == [1, 1, 1, 4])
  }

  @Test func `replies to a parent that is not there are one thread`() throws {
    #expect(
      try threads([
        Self.mail("b", references: ["a"], subject: "x"), Self.mail("c", references: ["a"], subject: "y"),
      ]) == [1, 1])
  }

  @Test func `a parent that comes later merges its answers into the oldest`() throws {
    #expect(
      try threads([
        Self.mail("b", references: ["a1"], subject: "1"), Self.mail("other", subject: "2"),
        Self.mail("c", references: ["a2"], subject: "3"), Self.mail("d", references: ["c"], subject: "4"),
        Self.mail("late", references: ["a1", "a2"], subject: "5"),
      ]) == [1, 2, 1, 1, 1])
  }

  @Test func `a merged thread is found by its old keys, also after a second merge`() throws {
    #expect(
      try threads([
        Self.mail("a", subject: "1"), Self.mail("b", subject: "2"), Self.mail("c", subject: "3"),
        Self.mail("bc", references: ["b", "c"], subject: "4"), Self.mail("ab", references: ["a", "b"], subject: "5"),
        Self.mail("c2", references: ["c"], subject: "6"), Self.mail("b2", references: ["b"], subject: "7"),
      ]) == [1, 1, 1, 1, 1, 1, 1])
  }

  @Test func `equal Message-IDs share a thread, missing ones do not`() throws {
    #expect(
      try threads([
        Self.mail("a", subject: "1"), Self.mail("<a>", subject: "2"), Self.mail(nil, subject: "3"),
        Self.mail("<>", subject: "4"), Self.mail("", subject: "5"),
      ]) == [1, 1, 3, 4, 5])
  }

  @Test func `an answer without a known reference joins by subject and a shared participant`() throws {
    #expect(
      try threads([
        Self.mail("a"), Self.mail("b", references: ["unknown"], subject: "AW: Lunch", at: 89),
        Self.mail("c", subject: "Lunch", at: 89),
      ]) == [1, 1, 3])
  }

  @Test(arguments: [
    ("another subject", ThreadFinderTests.mail("b", subject: "Re: Dinner")),
    ("no answer", ThreadFinderTests.mail("b", subject: "Lunch")),
    ("too late", ThreadFinderTests.mail("b", subject: "Re: Lunch", at: 91)),
    ("nobody shared", ThreadFinderTests.mail("b", subject: "Re: Lunch", people: ["eve@example.org"])),
    ("only the owner shared", ThreadFinderTests.mail("b", subject: "Re: Lunch", people: ["ada.alias@example.com"])),
    ("an empty base subject", ThreadFinderTests.mail("b", subject: "Re:")),
  ])
  func `an answer starts its own thread when anything differs`(reason: String, answer: ThreadingInput) throws {
    #expect(try threads([Self.mail("a"), answer]) == [1, 2], "\(reason)")
  }

  @Test func `of threads with the same subject the nearest in time is joined`() throws {
    #expect(
      try threads([
        Self.mail("a", at: 0), Self.mail("b", at: 40), Self.mail("c", at: 60, people: ["eve@example.org"]),
        Self.mail("r", subject: "Re: Lunch", at: 50), Self.mail("s", subject: "Re: Lunch", at: 1),
      ]) == [1, 2, 3, 2, 1])
  }

  @Test func `addresses are compared without regard to case`() throws {
    let original = Self.mail("a", people: ["Bob@Example.ORG"])
    #expect(try threads([original, Self.mail("b", subject: "Re: Lunch")]) == [1, 1])
  }

  @Test func `threads of another user are never joined`() throws {
    try withTemporaryDirectory { directory in
      let fixture = try ViewFixture(directory)
      for user in 1...2 { try fixture.apply([.folderCreated(Sample.folder(1))], user: UInt32(user)) }
      try fixture.deliver(Self.mail("a"), user: 1)
      try fixture.deliver(Self.mail("x", subject: "other"), user: 2)
      let row = try fixture.deliver(Self.mail("b", references: ["a"], subject: "Re: Lunch"), user: 2)
      #expect(row.thread == ThreadID(rawValue: 2))
    }
  }

  @Test func `moved messages get change rows with the number of the merge`() throws {
    try withTemporaryDirectory { directory in
      let fixture = try ViewFixture(directory)
      try fixture.apply([.folderCreated(Sample.folder(1))])
      for id in ["a", "b"] { try fixture.deliver(Self.mail(id, subject: id)) }
      try fixture.deliver(Self.mail("b2", references: ["b"], subject: "x"))
      try fixture.deliver(Self.mail("ab", references: ["a", "b"], subject: "y"))
      try fixture.view.commit()
      let user = UserID(rawValue: 1)
      try fixture.view.read { reader throws in
        let changes = try reader.changes(user, since: SequenceNumber(rawValue: 4), limit: 1)
        #expect(changes.map(\.kind) == [.messageMovedToThread, .messageMovedToThread])
        #expect(changes.map(\.docID?.rawValue) == [2, 3])
        #expect(changes.allSatisfy { $0.sequence.rawValue == 5 && $0.thread == ThreadID(rawValue: 1) })
        #expect(try reader.threadRows(user, ThreadID(rawValue: 1)).map(\.docID.rawValue) == [1, 2, 3, 4])
        #expect(try reader.threadRows(user, ThreadID(rawValue: 2)).isEmpty)
        let merged = Sample.id(user: 1, doc: 2)
        #expect(try reader.thread(user, publicID: merged) == ThreadID(rawValue: 1))
        #expect(try reader.threadID(user, ThreadID(rawValue: 2)) == merged)
      }
    }
  }

  @Test func `a thread keeps its public name when its founder is removed`() throws {
    try withTemporaryDirectory { directory in
      let fixture = try ViewFixture(directory)
      try fixture.apply([.folderCreated(Sample.folder(1))])
      try fixture.deliver(Self.mail("a"))
      try fixture.deliver(Self.mail("b", references: ["a"]))
      try fixture.apply([.messageRemoved(DocID(rawValue: 1))])
      let late = try fixture.deliver(Self.mail("c", references: ["a"], subject: "z"))
      #expect(late.thread == ThreadID(rawValue: 1))
      try fixture.view.commit()
      let user = UserID(rawValue: 1)
      try fixture.view.read { reader throws in
        #expect(try reader.threadID(user, ThreadID(rawValue: 1)) == Sample.id(user: 1, doc: 1))
        #expect(try reader.thread(user, publicID: Sample.id(user: 1, doc: 1)) == ThreadID(rawValue: 1))
        #expect(try reader.thread(user, publicID: Sample.id(user: 1, doc: 2)) == nil)
        #expect(try reader.threadRows(user, ThreadID(rawValue: 1)).map(\.docID.rawValue) == [2, 3])
      }
    }
  }

  @Test func `endless references cost no more than a long list`() throws {
    let references = (0..<100_000).map { "r\($0)" }
    try withTemporaryDirectory { directory in
      let fixture = try ViewFixture(directory)
      let decision = try fixture.view.decideThread(UserID(rawValue: 1), Self.mail("a", references: references))
      #expect(decision.keys.messageIDs.count == 128)
      let last = try fixture.view.decideThread(UserID(rawValue: 1), Self.mail("a", references: ["r0", "r99999"]))
      #expect(Set(last.keys.messageIDs).isSubset(of: decision.keys.messageIDs))
    }
  }
}
