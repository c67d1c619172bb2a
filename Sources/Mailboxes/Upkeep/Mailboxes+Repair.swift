import Bytes
package import Index
import MailStore

extension Mailboxes {
  /// Mends what `verify` finds damaged in the index: damaged files go into quarantine, and what they held is made anew of text
  /// records or originals. Blocks for as long as that takes; searches and writes go on meanwhile.
  ///
  /// - Parameters:
  ///   - extract: makes a text record from an original.
  ///   - report: called with a line for each thing that was done.
  ///   - throttle: called often; may sleep to let delivery go first, and may throw to stop. A repair that was stopped or killed
  ///     is begun again by asking again.
  /// - Throws: `IndexError`, with code `.busy` while a shard is rebuilt.
  package func repair(
    extract: @escaping ([UInt8]) -> ExtractedTextRecord, report: (String) -> Void, throttle: @escaping () throws -> Void
  ) throws {
    for shard in shards {
      let done = try shard.index.repair(source(of: shard, extract: extract), throttle: throttle)
      try reloadDiffering(in: shard, report)
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

  /// Attributes in memory that are not those of the rows are loaded again.
  private func reloadDiffering(in shard: Shard, _ report: (String) -> Void) throws {
    for user in try shard.users() where shard.index.isLoaded(user) {
      let rows = try shard.read(for: user) { reader in
        (DocIDBitmap(try reader.allAttributes(user).map(\.docID)), try reader.lastUserSequence(user))
      }
      let snapshot = try shard.snapshot(of: user)
      guard snapshot.userSequence == rows.1, snapshot.attributes.live != rows.0 else { continue }
      shard.index.unload(user)
      report("user \(user): messages in memory differed from the rows and were loaded anew")
    }
  }
}
