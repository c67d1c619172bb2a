import Bytes
import Index
import MailStore

extension Mailboxes {
  /// Mends what `verify` finds damaged in the index: damaged files go into quarantine, and what they held is made anew of text
  /// records or originals. Blocks for as long as that takes; searches and writes go on meanwhile.
  ///
  /// - Parameters:
  ///   - report: called with a line for each thing that was done.
  ///   - throttle: called often; may sleep to let delivery go first, and may throw to stop. A repair that was stopped or killed
  ///     is begun again by asking again.
  /// - Throws: `IndexError`, with code `.busy` while a shard is rebuilt.
  package func repair(
    extract: @escaping RecordExtractor, report: (String) -> Void, throttle: @escaping () throws -> Void
  ) throws {
    for shard in shards {
      let done = try shard.index.repair(source(of: shard, extract: extract), throttle: throttle)
      try reloadDiffering(in: shard, report, throttle: throttle)
      guard done.didSomething else { continue }
      let name = "index of shard \(shard.number)"
      for (file, problem) in done.quarantined { report("\(name): \(file) quarantined: \(problem)") }
      if done.keptRecords > 0 { report("\(name): \(done.keptRecords) text records of damaged runs kept as they were") }
      if done.remadeRecords > 0 {
        let users = done.users.sorted().map(\.description).joined(separator: " ")
        report("\(name): \(done.remadeRecords) text records made anew, of users \(users)")
      }
      if !done.usersWithoutPostings.isEmpty {
        try shard.remakeSegments(of: done.usersWithoutPostings, throttle: throttle)
        let users = done.usersWithoutPostings.sorted().map(\.description).joined(separator: " ")
        report("\(name): postings made anew from text records, of users \(users)")
      }
      for (user, docID) in done.lost { report("user \(user), message \(docID): nothing is left to index") }
    }
  }

  /// Attributes of the index, in memory or in files, that are not those of the rows are written anew.
  private func reloadDiffering(
    in shard: Shard, _ report: (String) -> Void, throttle: () throws -> Void
  ) throws {
    for user in try shard.users() {
      try throttle()
      let snapshot = try shard.snapshot(of: user)
      let rows = try Self.attributes(of: user, in: shard)
      let stored = (try? shard.index.storedAttributes(of: user))?.attributes
      // Where mail came between the two, the next repair looks again.
      guard snapshot.userSequence == rows.sequence else { continue }
      let differing = max(
        snapshot.attributes.documents(differingFrom: rows.rows).count,
        stored?.documents(differingFrom: rows.rows).count ?? 0)
      if differing == 0 { continue }
      try shard.rebaseAttributes(of: user, throttle: throttle)
      report("user \(user): \(differing) messages differed from the rows, and their attributes were made anew")
    }
  }
}
