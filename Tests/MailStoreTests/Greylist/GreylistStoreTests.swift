import Bytes
import Foundation
import GRDB
import MailStore
import TestSupport
import Testing

struct GreylistStoreTests {
  private func row(_ kind: GreylistRow.Kind, _ number: UInt64, seen: Int64) -> GreylistRow {
    GreylistRow(
      GreylistRow.Name(kind, GreylistKey(high: .max - number, low: number)), firstSeen: Timestamp(rawValue: 1),
      lastSeen: Timestamp(rawValue: seen), passes: Int(number))
  }

  @Test func `rows are there after opening again, by kind, the last seen first`() throws {
    try withTemporaryDirectory { directory in
      let path = directory + "/greylist.sqlite"
      let old = try GreylistStore(path: path) { _ in }
      let rows = (1...5).map { row(.waiting, UInt64($0), seen: Int64($0)) } + [row(.network, 1, seen: 9)]
      try old.write(rows, removing: [])
      try old.write([row(.waiting, 2, seen: 7)], removing: [rows[0].name, rows[3].name])
      old.close()
      let store = try GreylistStore(path: path) { Issue.record("\($0)") }
      #expect(
        try store.rows(.waiting, limit: 10) == [row(.waiting, 2, seen: 7), row(.waiting, 5, seen: 5), rows[2]])
      try store.keepOnly(.waiting, limit: 1)
      #expect(try store.rows(.waiting, limit: 10) == [row(.waiting, 2, seen: 7)])
      #expect(try store.rows(.network, limit: 10) == [row(.network, 1, seen: 9)])
      #expect(try store.rows(.passed, limit: 10) == [])
      store.close()
    }
  }

  @Test(arguments: ["no database at all", "SQLite format 3\0 and then nothing", ""])
  func `a file that is none is begun anew`(content: String) throws {
    try withTemporaryDirectory { directory in
      let path = directory + "/greylist.sqlite"
      try Data(content.utf8 + Array(repeating: 0, count: content.isEmpty ? 0 : 4_096)).write(
        to: URL(fileURLWithPath: path))
      var reports = 0
      let store = try GreylistStore(path: path) { _ in reports += 1 }
      #expect(reports == (content.isEmpty ? 0 : 1))
      try store.write([row(.passed, 1, seen: 1)], removing: [])
      #expect(try store.rows(.passed, limit: 1).count == 1)
      store.close()
    }
  }

  @Test func `a table of another shape is begun anew, and a file of a later version is left as it is`() throws {
    try withTemporaryDirectory { directory in
      let path = directory + "/greylist.sqlite"
      try DatabaseQueue(path: path).write { try $0.execute(sql: "CREATE TABLE greylist (x)") }
      let store = try GreylistStore(path: path) { #expect($0.contains("begun anew")) }
      #expect(try store.rows(.waiting, limit: 1) == [])
      try store.write([row(.waiting, 1, seen: 1)], removing: [])
      store.close()
      try DatabaseQueue(path: path).write { try $0.execute(sql: "UPDATE greylist SET last_seen = 'x'") }
      let damaged = try GreylistStore(path: path) { _ in }
      #expect(throws: StoreError.self) { try damaged.rows(.waiting, limit: 1) }
      damaged.discard()
      #expect(!FileManager.default.fileExists(atPath: path))
      try DatabaseQueue(path: path).write { try $0.execute(sql: "PRAGMA user_version = 2") }
      let error = #expect(throws: StoreError.self) { try GreylistStore(path: path) { _ in } }
      #expect(error?.message.contains("newer version") == true)
    }
  }

  @Test func `a key tells parts apart`() {
    #expect(GreylistKey(of: ["a", "b"]) != GreylistKey(of: ["ab"]))
    #expect(GreylistKey(of: ["a", ""]) != GreylistKey(of: ["a"]))
    // printf 'abc\0' | sha256sum
    #expect(GreylistKey(of: ["abc"]).high == 0xDC1114CD074914BD)
  }
}
