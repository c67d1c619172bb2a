import Bytes
import GRDB
import MailStore
import TestSupport
import Testing

@Suite struct ErrorQueueTests {
  private func mail(_ number: UInt64, heldAt: Int64 = 5, verdict: MailVerdict? = Sample.verdict) -> HeldMail {
    HeldMail(
      id: QueueItemID(rawValue: number), heldAt: Timestamp(rawValue: heldAt), cause: .quarantine, reason: "EICAR",
      envelope: InboundEnvelope(
        receivedAt: Timestamp(rawValue: 4), clientAddress: "192.0.2.1", heloName: "x", protocolName: "ESMTP",
        reversePath: "eve@example.net",
        recipients: [InboundRecipient(address: "alice@example.com", user: UserID(rawValue: 1), occasions: .failure)],
        needsUTF8: false, is8Bit: true),
      original: BlobReference(pack: 3, offset: 64 * (number % 1_000), byteCount: 80), byteCount: 100, verdict: verdict)
  }

  private func withQueue(
    maxDepth: Int = 100, _ body: (ErrorQueue, AccountStore, String) throws -> Void
  ) throws {
    try withTemporaryDirectory { directory in
      let accounts = try AccountStore(path: directory + "/control.sqlite")
      defer { accounts.close() }
      try body(try ErrorQueue(sharing: accounts, maxDepth: maxDepth), accounts, directory + "/control.sqlite")
    }
  }

  @Test func `what is held is there again as it was when the file is opened again`() throws {
    try withTemporaryDirectory { directory in
      let path = directory + "/control.sqlite"
      let mails = [mail(1 << 40, heldAt: 9), mail(7, verdict: nil), mail(.max >> 1)]
      do {
        let accounts = try AccountStore(path: path)
        defer { accounts.close() }
        let errors = try ErrorQueue(sharing: accounts)
        for mail in mails { try errors.hold(mail) }
      }
      let accounts = try AccountStore(path: path)
      defer { accounts.close() }
      let errors = try ErrorQueue(sharing: accounts)
      #expect(try errors.mails(limit: 10) == mails.sorted { $0.id < $1.id })
      #expect(errors.depth == 3 && errors.oldest == Timestamp(rawValue: 5))
      #expect(mails.allSatisfy { errors.holds($0.id) } && !errors.holds(QueueItemID(rawValue: 8)))
      #expect(try errors.mail(mails[0].id) == mails[0])
      #expect(try Set(errors.originals()) == Set(mails.map(\.original)))
    }
  }

  @Test func `the same mail is held once and stays as it was first`() throws {
    try withQueue { errors, _, _ in
      try errors.hold(mail(1))
      try errors.hold(mail(1, heldAt: 99, verdict: nil))
      #expect(errors.depth == 1)
      #expect(try errors.mail(QueueItemID(rawValue: 1)) == mail(1))
    }
  }

  @Test func `lists go on behind the last one seen`() throws {
    try withQueue { errors, _, _ in
      for number in 1...5 { try errors.hold(mail(UInt64(number))) }
      #expect(try errors.mails(limit: 2).map(\.id.rawValue) == [1, 2])
      #expect(try errors.mails(after: QueueItemID(rawValue: 2), limit: 10).map(\.id.rawValue) == [3, 4, 5])
      try errors.remove(QueueItemID(rawValue: 4))
      try errors.remove(QueueItemID(rawValue: 4))
      #expect(try errors.mails(limit: 10).map(\.id.rawValue) == [1, 2, 3, 5])
      #expect(!errors.holds(QueueItemID(rawValue: 4)) && errors.depth == 4)
    }
  }

  @Test func `over its depth it takes no more, but knows what it has`() throws {
    try withQueue(maxDepth: 2) { errors, _, _ in
      try errors.hold(mail(1))
      try errors.hold(mail(2))
      try errors.hold(mail(2))
      let error = #expect(throws: StoreError.self) { try errors.hold(mail(3)) }
      #expect(error?.code == .queueFull)
      try errors.remove(QueueItemID(rawValue: 1))
      try errors.hold(mail(3))
    }
  }

  @Test func `a mail that was tried again has another reason`() throws {
    try withQueue { errors, _, _ in
      try errors.hold(mail(1))
      try errors.update(QueueItemID(rawValue: 1), cause: .failed, reason: "worse", verdict: nil)
      let held = try #require(try errors.mail(QueueItemID(rawValue: 1)))
      #expect(
        held.cause == .failed && held.reason == "worse" && held.verdict == nil && held.envelope == mail(1).envelope)
    }
  }

  @Test(arguments: ["envelope = x'00'", "verdict = x'ff'", "cause = 'nothing'", "envelope = x''"])
  func `a damaged row is an error and no trap`(damage: String) throws {
    try withQueue { errors, _, path in
      try errors.hold(mail(1))
      try DatabaseQueue(path: path).write { try $0.execute(sql: "UPDATE held SET \(damage)") }
      let error = #expect(throws: StoreError.self) { try errors.mails(limit: 10) }
      #expect(error?.code == .corrupt)
    }
  }

  @Test func `a file of the third version gets the tables and keeps its accounts`() throws {
    try withTemporaryDirectory { directory in
      let path = directory + "/control.sqlite"
      do {
        let accounts = try AccountStore(path: path)
        _ = try accounts.addUser(address: "alice@example.com")
        accounts.close()
      }
      try DatabaseQueue(path: path).write { database in
        try database.execute(
          sql: """
            DROP TABLE report; DROP TABLE held; DROP TABLE lesson; DROP TABLE admin_token; DROP TABLE blocked_sender;
            UPDATE setting SET value = '3' WHERE key = 'schema_version';
            """)
      }
      let accounts = try AccountStore(path: path)
      defer { accounts.close() }
      #expect(accounts.users().map(\.address) == ["alice@example.com"])
      let errors = try ErrorQueue(sharing: accounts)
      try errors.hold(mail(1))
      #expect(errors.depth == 1)
      #expect(accounts.isAdministrator(try accounts.createAdminToken()))
    }
  }
}
