import Bytes
import TestSupport
import Testing

@testable import Mailboxes

@Suite struct DataDirectoryTests {
  let files = CrashableFileSystem()

  @Test func `a directory keeps the number of shards that it was made with`() throws {
    #expect(try DataDirectory(opening: "data", fileSystem: files, shardCount: 3).shardCount == 3)
    let again = try DataDirectory(opening: "data", fileSystem: files.reopened(.dropped), shardCount: 8)
    #expect(again.shardCount == 3)
    #expect(again.shardDirectory(2) == "data/shards/02" && again.shardDirectory(11) == "data/shards/11")
  }

  @Test(arguments: [
    "maildex 2 shards 4\n", "maildex 1 shards 0\n", "maildex 1 shards 5000\n", "maildex 1\n", "maildex x shards 4\n",
    "",
    "\u{0}\u{0}",
  ]) func `a format that this version does not know is refused`(format: String) throws {
    try files.createDirectory("data")
    try files.replaceFile("data/maildex.format", with: Array(format.utf8))
    #expect(throws: DataDirectoryError.self) { try DataDirectory(opening: "data", fileSystem: files) }
  }

  @Test func `somebody else's directory is left alone`() throws {
    try files.createDirectory("data")
    try files.createFile("data/thesis.txt", with: [1])
    #expect(throws: DataDirectoryError.self) { try DataDirectory(opening: "data", fileSystem: files) }
    #expect(try files.list("data") == ["thesis.txt"])
  }

  @Test func `a making that a crash cut short is made again`() throws {
    for step in 0..<6 {
      let files = CrashableFileSystem(CrashPlan(crashAtStep: step))
      _ = try? DataDirectory(opening: "data", fileSystem: files, shardCount: 2)
      for outcome in [CrashOutcome.kept, .dropped, .torn(seed: UInt64(step))] {
        let made = try DataDirectory(opening: "data", fileSystem: files.reopened(outcome), shardCount: 2)
        #expect(made.shardCount == 2, "step \(step), \(outcome)")
      }
    }
  }

  @Test func `users spread over the shards, and each stays in its own`() throws {
    let directory = try DataDirectory(opening: "data", fileSystem: files, shardCount: 4)
    let places = (1...4_000).map { directory.shard(of: UserID(rawValue: $0)) }
    for shard in 0..<4 { #expect((900...1_100).contains(places.count { $0 == shard })) }
    #expect(places.prefix(12) == (1...12).map { directory.shard(of: UserID(rawValue: $0)) }[...])
  }
}
