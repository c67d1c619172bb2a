import Foundation
import GRDB
import TestSupport
import Testing

@testable import Documents

struct DocumentTextCacheTests {
  private func open(_ path: String?, byteCount: Int = 1 << 20, reader: Int = 1) -> DocumentTextCache {
    DocumentTextCache(path: path, byteCount: byteCount, version: .init(reader: reader, textByteCount: 1 << 20)) { _ in }
  }

  private func hash(_ number: Int) -> [UInt8] {
    [UInt8](repeating: 7, count: 30) + [UInt8(number >> 8), UInt8(truncatingIfNeeded: number)]
  }

  @Test func `what was put in is found again, by the same version alone`() throws {
    try withTemporaryDirectory { directory in
      let path = directory + "/texts.sqlite"
      let cache = open(path)
      cache.insert(hash(1), "회의록", .whole)
      cache.insert(hash(2), "", .unreadable)
      #expect(cache.find(hash(1))?.text == "회의록" && cache.find(hash(2))?.outcome == .unreadable)
      #expect(cache.find(hash(3)) == nil)
      cache.close()
      #expect(cache.find(hash(1)) == nil)
      let newer = open(path, reader: 2)
      #expect(newer.find(hash(1)) == nil)
      newer.insert(hash(1), "anew", .cut)
      #expect(newer.find(hash(1))?.text == "anew")
      newer.close()
      #expect(open(path).find(hash(2)) != nil)
    }
  }

  @Test(arguments: [true, false])
  func `over the bound the oldest go`(isInMemory: Bool) throws {
    try withTemporaryDirectory { directory in
      let cache = open(isInMemory ? nil : directory + "/texts.sqlite", byteCount: 20_000)
      for number in 0..<1_000 { cache.insert(hash(number), "text number \(number)", .whole) }
      #expect(cache.find(hash(0)) == nil && cache.find(hash(999)) != nil)
      let kept = (0..<1_000).count { cache.find(hash($0)) != nil }
      #expect((80...200).contains(kept), "\(kept)")
      cache.insert(hash(0), String((0..<30_000).map { Character(UnicodeScalar(0x4E00 + $0 * 7919 % 20_000)!) }), .whole)
      #expect(cache.find(hash(0)) == nil, "larger than all of the cache")
      #expect(cache.find(hash(999)) != nil)
    }
  }

  @Test func `a ruined file is begun anew, also while it is open`() throws {
    try withTemporaryDirectory { directory in
      let path = directory + "/texts.sqlite"
      try Data("this is no database, but it is long enough to be asked".utf8).write(to: URL(filePath: path))
      let cache = open(path)
      cache.insert(hash(1), "one", .whole)
      #expect(cache.find(hash(1))?.text == "one")
      try DatabaseQueue(path: path).write { try $0.execute(sql: "DROP TABLE document") }
      #expect(cache.find(hash(1)) == nil)
      cache.insert(hash(2), "two", .whole)
      #expect(cache.find(hash(2))?.text == "two")
    }
  }

  @Test func `without a place for its file every question is a miss`() {
    let cache = open("/no/such/folder/texts.sqlite")
    cache.insert(hash(1), "one", .whole)
    #expect(cache.find(hash(1)) == nil)
  }
}
