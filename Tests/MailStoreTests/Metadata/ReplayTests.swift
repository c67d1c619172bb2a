import Bytes
import GRDB
import MailStore
import TestSupport
import Testing

/// Random operations: the same records give the same rows however the process ended in between.
@Suite struct ReplayTests {
  /// A slow and small door: makes records of every kind for three users.
  private struct Operations {
    var random: SeededGenerator
    var live: [UInt32: [UInt32]] = [:]
    var known: [UInt32: [String]] = [:]
    var items: [(user: UInt32, item: UInt64)] = []
    var nextItem: UInt64 = 1

    mutating func perform(on fixture: ViewFixture) throws {
      let user = UInt32.random(in: 1...3, using: &random)
      let owner = UserID(rawValue: user)
      let folders = try fixture.view.folders(owner).rows
      if folders.isEmpty {
        return try fixture.apply((1...3).map { .folderCreated(Sample.folder($0)) }, user: user)
      }
      let folder = folders.randomElement(using: &random)?.id ?? FolderID(rawValue: 1)
      switch Int.random(in: 0..<115, using: &random) {
      case 107..<115: try missOrRead(of: user, fixture)
      case 100..<104: try saveSearch(of: user, fixture)
      case 104..<107:
        guard let search = try fixture.view.notifyingSearches(owner).first else { return }
        try fixture.apply([.searchRemoved(search.id)], user: user)
      case 0..<50: try deliver(to: user, folder, fixture)
      case 50..<70:
        guard let doc = live[user]?.randomElement(using: &random) else { return }
        let flags = MessageFlags(rawValue: UInt8.random(in: 0..<16, using: &random))
        try fixture.apply(
          [.messageUpdated(DocID(rawValue: doc), folder: folder, flags: flags, labels: flags == [] ? [] : ["x"])],
          user: user)
      case 70..<80:
        guard let doc = live[user]?.randomElement(using: &random) else { return }
        live[user]?.removeAll { $0 == doc }
        try fixture.apply([.messageRemoved(DocID(rawValue: doc))], user: user)
      case 80..<84:
        try fixture.apply([.folderCreated(Sample.folder(try fixture.view.nextFolderID(owner).rawValue))], user: user)
      case 84..<87: try fixture.apply([.folderRenamed(folder, name: "n\(nextItem)")], user: user)
      case 87..<90:
        guard folders.count > 2, try fixture.view.folderRows(owner, folder, limit: 1).isEmpty else { return }
        try fixture.apply([.folderRemoved(folder)], user: user)
      case 90..<99:
        guard !items.isEmpty else { return }
        let (owner, item) = items.removeFirst()
        try fixture.apply([.queueItemFinished(QueueItemID(rawValue: item))], user: owner)
      default:
        live[user] = nil
        items.removeAll { $0.user == user }
        try fixture.apply([.mailboxRemoved], user: user)
      }
    }

    private mutating func saveSearch(of user: UInt32, _ fixture: ViewFixture) throws {
      let id = UInt64.random(in: 1...4, using: &random)
      try fixture.apply([.searchSaved(Sample.search(id, query: "q\(nextItem)", notifies: id > 2))], user: user)
      if let doc = live[user]?.last {
        let match = ChangeBody.messageMatched(DocID(rawValue: doc), searches: [SavedSearchID(rawValue: id)])
        try fixture.apply([match], user: user)
      }
    }

    private mutating func missOrRead(of user: UInt32, _ fixture: ViewFixture) throws {
      guard let doc = live[user]?.randomElement(using: &random).map(DocID.init(rawValue:)) else { return }
      let dueAt = Timestamp(rawValue: Int64.random(in: 0...9, using: &random))
      let retry = DocumentRetry(tries: 1, dueAt: Bool.random(using: &random) ? dueAt : nil, reason: "busy")
      switch Int.random(in: 0..<3, using: &random) {
      case 0: try fixture.apply([.documentsMissed(doc, retry)], user: user)
      case 1: try fixture.apply([.documentsMissed(doc, nil)], user: user)
      default:
        try fixture.apply(
          [.messageReread(doc, record: [1], defects: ["d\(nextItem)"]), .documentsMissed(doc, retry)], user: user)
      }
    }

    private mutating func deliver(to user: UInt32, _ folder: FolderID, _ fixture: ViewFixture) throws {
      let owner = UserID(rawValue: user)
      let id = "\(UInt32.random(in: 0..<60, using: &random))@x"
      let references = (0..<Int.random(in: 0...2, using: &random)).map { _ in
        "\(UInt32.random(in: 0..<60, using: &random))@x"
      }
      let subject = ["Lunch", "Re: Lunch", "Re: Dinner", ""].randomElement(using: &random) ?? ""
      let input = ThreadingInput(
        messageID: id, references: references, inReplyTo: [], subject: subject,
        receivedAt: Timestamp(rawValue: Int64.random(in: 0...9_000_000_000, using: &random)),
        participants: ["bob@example.org"], ownAddresses: [])
      let docID = try fixture.view.nextDocID(owner)
      let decision = try fixture.view.decideThread(owner, input)
      let thread = decision.thread(for: docID)
      let row = Sample.row(
        user: user, doc: docID.rawValue, folder: folder.rawValue, thread: thread.rawValue,
        receivedAt: input.receivedAt.rawValue, flags: Bool.random(using: &random) ? [.read] : [],
        contentHash: random.next(), summary: Sample.summary(subject: subject, messageID: id))
      var bodies = [Sample.added(row, item: nextItem, keys: decision.keys)]
      if !decision.merges.isEmpty { bodies.insert(.threadsMerged(from: decision.merges, into: thread), at: 0) }
      try fixture.apply(bodies, user: user)
      live[user, default: []].append(docID.rawValue)
      items.append((user, nextItem))
      nextItem += 1
    }
  }

  @Test(arguments: 0..<8) func `a replay from any committed place gives the same rows`(seed: Int) throws {
    try withTemporaryDirectory { directory in
      let once = try ViewFixture(directory)
      var operations = Operations(random: SeededGenerator(seed: UInt64(seed)))
      for _ in 0..<250 { try operations.perform(on: once) }
      try once.view.commit()
      try expectSoundCounters(once, "seed \(seed)")
      once.view.close()
      let expected = try ViewFixture.dump(once.path)
      #expect(expected.count > 100, "seed \(seed)")

      // Commits at random places, rolls back or ends the process at others, and catches up each time.
      let path = directory + "/again.sqlite"
      var view = try MetadataView(path: path)
      var random = SeededGenerator(seed: UInt64(seed) + 1_000)
      var step = 0
      while view.appliedSequence.rawValue < UInt64(once.records.count) {
        step += 1
        try view.apply(once.records[Int(view.appliedSequence.rawValue)])
        switch Int.random(in: 0..<40, using: &random) {
        case 0..<8: try view.commit()
        case 8 where step < 2_000: view.abandon()
        case 9 where step < 2_000:
          view.close()
          view = try MetadataView(path: path)
        default: break
        }
      }
      try view.commit()
      view.close()
      #expect(try ViewFixture.dump(path) == expected, "seed \(seed)")
    }
  }

  private func expectSoundCounters(_ fixture: ViewFixture, _ comment: String) throws {
    try fixture.view.read { reader throws in
      for user in try reader.users() {
        let counts = try reader.counts(user)
        #expect(counts.miscounted.isEmpty, "\(comment)")
        #expect(counts.keptByteCount == counts.byteCount, "\(comment)")
        let all = try reader.allAttributes(user)
        #expect(counts.messages == all.count, "\(comment)")
        for summary in try reader.folderSummaries(user) {
          let inside = all.filter { $0.folder == summary.row.id }
          #expect(summary.total == inside.count, "\(comment)")
          #expect(summary.unread == inside.count { !$0.flags.contains(.read) }, "\(comment)")
        }
      }
    }
  }

  @Test func `a wrong counter is found by counting`() throws {
    try withTemporaryDirectory { directory in
      let fixture = try ViewFixture(directory)
      try fixture.apply([.folderCreated(Sample.folder(1)), Sample.added(Sample.row(doc: 1))])
      try fixture.view.commit()
      let user = UserID(rawValue: 1)
      #expect(try fixture.view.read { try $0.counts(user) }.miscounted == [])
      try DatabaseQueue(path: fixture.path).write { try $0.execute(sql: "UPDATE folder SET unread = 0") }
      #expect(try fixture.view.read { try $0.counts(user) }.miscounted == [FolderID(rawValue: 1)])
    }
  }
}
