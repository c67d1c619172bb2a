import Bytes
import GRDB
import MailStore
import TestSupport
import Testing

@Suite struct ReportOutboxTests {
  private let now = Timestamp(rawValue: 1_000)

  private func withOutbox(maxDepth: Int = 100, _ body: (ReportOutbox, AccountStore) throws -> Void) throws {
    try withTemporaryDirectory { directory in
      let accounts = try AccountStore(path: directory + "/control.sqlite")
      defer { accounts.close() }
      try body(try ReportOutbox(sharing: accounts, maxDepth: maxDepth), accounts)
    }
  }

  private func add(_ outbox: ReportOutbox, _ name: String, at time: Int64 = 1_000, bytes: [UInt8] = [1, 2, 3]) throws
    -> Bool
  {
    try outbox.add(
      name: name, recipient: "dän@example.net", needsUTF8: true, bytes: bytes, at: Timestamp(rawValue: time))
  }

  @Test func `what was added is there when the file is opened again`() throws {
    try withTemporaryDirectory { directory in
      let path = directory + "/control.sqlite"
      do {
        let accounts = try AccountStore(path: path)
        defer { accounts.close() }
        #expect(try add(try ReportOutbox(sharing: accounts), "a@mx"))
      }
      let accounts = try AccountStore(path: path)
      defer { accounts.close() }
      let outbox = try ReportOutbox(sharing: accounts)
      let report = try #require(try outbox.next())
      #expect(outbox.depth == 1 && report.name == "a@mx" && report.recipient == "dän@example.net")
      #expect(report.needsUTF8 && report.bytes == [1, 2, 3] && report.tries == 0 && report.dueAt == now)
    }
  }

  @Test func `the same report waits once`() throws {
    try withOutbox { outbox, _ throws in
      for time in [1_000, 5_000] { #expect(try add(outbox, "a", at: Int64(time))) }
      #expect(try outbox.next()?.dueAt == now)
      #expect(outbox.depth == 1)
    }
  }

  @Test func `the first that is due comes first, and what was postponed later`() throws {
    try withOutbox { outbox, _ throws in
      #expect(try add(outbox, "b", at: 2))
      #expect(try add(outbox, "a", at: 1))
      let first = try #require(try outbox.next())
      #expect(first.name == "a")
      try outbox.postpone(first.id, to: Timestamp(rawValue: 9))
      let second = try #require(try outbox.next())
      #expect(second.name == "b")
      try outbox.remove(second.id)
      try outbox.remove(second.id)
      #expect(try outbox.next()?.tries == 1)
      #expect(outbox.depth == 1)
    }
  }

  @Test func `a file of the fourth version gets the table and keeps its accounts`() throws {
    try withTemporaryDirectory { directory in
      let path = directory + "/control.sqlite"
      do {
        let accounts = try AccountStore(path: path)
        _ = try accounts.addUser(address: "alice@example.com")
        accounts.close()
      }
      try DatabaseQueue(path: path).write { database in
        try database.execute(
          sql: "DROP TABLE report; UPDATE setting SET value = '4' WHERE key = 'schema_version';")
      }
      let accounts = try AccountStore(path: path)
      defer { accounts.close() }
      #expect(accounts.users().map(\.address) == ["alice@example.com"])
      #expect(try add(try ReportOutbox(sharing: accounts), "a"))
    }
  }

  @Test func `it has bounds`() throws {
    try withOutbox(maxDepth: 1) { outbox, _ throws in
      #expect(try !add(outbox, "large", bytes: [UInt8](repeating: 1, count: ReportOutbox.maxByteCount + 1)))
      #expect(try add(outbox, "a"))
      #expect(try !add(outbox, "b"))
      #expect(outbox.depth == 1)
    }
  }
}
