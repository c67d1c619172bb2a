import Bytes
import Index
import Query
import TestSupport
import Testing

/// Whatever bit of whatever file of an index flips: a search answers rightly or says that the index is damaged, and after a repair
/// it answers rightly.
@Suite struct RepairedSearchTests {
  @Test(arguments: 1...4 as ClosedRange<UInt64>)
  func `no flipped bit makes a wrong answer, and after a repair every answer is there`(seed: UInt64) throws {
    var refused = 0
    for round in 0..<12 as Range<UInt64> {
      var world = try World(seed: seed * 100 + round)
      // The text of a mail never changes: an older record of it is a right one too.
      world.replacesRecords = false
      for _ in 0..<50 { try world.act() }
      try world.index.flush()
      let files = try world.disk.list("data/index")
      let name = world.random.pick(files)
      let path = "data/index/" + name
      let bytes = try world.disk.readFile(path)
      let offset = Int.random(in: 0..<bytes.count, using: &world.random.generator)
      try world.disk.open(path, .readWrite).write(
        [bytes[offset] ^ 1 << UInt8.random(in: 0..<8, using: &world.random.generator)], at: UInt64(offset))
      if Bool.random(using: &world.random.generator) { try world.reopenLeavingOutDamage() }
      let what = "seed \(seed), round \(round), \(name) at \(offset)"
      for _ in 0..<20 {
        do {
          try world.compare(what)
        } catch let error as IndexError {
          refused += 1
          #expect([.corrupt, .missingRecord].contains(error.code), "\(what): \(error)")
        }
      }
      #expect(try world.index.verify().contains { $0.file == path }, "\(what)")
      let report = try world.index.repair(world.shadowSource)
      #expect(report.quarantined.contains { $0.name == name }, "\(what)")
      try world.index.remakeSegments(of: report.usersWithoutPostings, world.compactionSource)
      #expect(try world.index.verify() == [], "\(what)")
      for _ in 0..<20 { try world.compare(what + ", repaired") }
    }
    #expect(refused > 0, "no damage was ever met")
  }
}

extension World {
  fileprivate var shadowSource: ShadowSource {
    ShadowSource(
      users: { Self.users }, documents: compactionSource.documents,
      record: { [mails] user, docID, _ in mails[user]?[docID]?.record })
  }

  fileprivate var compactionSource: CompactionSource {
    CompactionSource { [mails] user in
      mails[user, default: [:]].map { DocumentKey(receivedAt: $1.attributes.receivedAt, docID: $0) }
    }
  }

  /// As a server opens an index; what is not in it is replayed.
  fileprivate mutating func reopenLeavingOutDamage() throws {
    disk = disk.reopened(.kept)
    var options = IndexOptions(attributeByteCount: 60_000, cacheByteCount: 20_000, leavesOutDamagedRuns: true)
    options.compaction.pendingMails = 4
    index = try ShardIndex.open(fileSystem: disk, directory: "data/index", analyzers: analyzers, options: options)
    replay()
  }
}
