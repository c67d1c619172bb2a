import Bytes
import MailStore
import TestSupport

/// Journals of small records in memory.
enum JournalFixture {
  static let directory = "shards/00/journal"
  static let firstFile = directory + "/0000000001.journal"

  static func open(
    _ files: any FileSystem, fileByteCount: UInt64 = 4_096, shard: UInt32 = 3, mustReach: SequenceNumber = .zero
  ) throws -> Journal {
    try Journal.open(
      fileSystem: files, directory: directory, shard: shard,
      options: JournalOptions(fileByteCount: fileByteCount, makeSalt: { 0x5A17_5A17 }), mustReach: mustReach)
  }

  /// A record whose size is about `byteCount`.
  static func record(_ sequence: UInt64, byteCount: Int = 20) -> JournalRecord {
    let name = String(repeating: "x", count: max(0, byteCount - 8))
    return Sample.record(sequence, first: sequence, [.folderRenamed(FolderID(rawValue: 1), name: name)])
  }

  static func replayed(_ journal: Journal, after sequence: SequenceNumber = .zero) throws -> [JournalRecord] {
    var records: [JournalRecord] = []
    try journal.replay(after: sequence) { records.append($0) }
    return records
  }

  /// Replaces the bytes of a file that the journal does not have open.
  static func overwrite(_ files: any FileSystem, _ path: String, _ change: (inout [UInt8]) -> Void) throws {
    var bytes = try files.readFile(path)
    change(&bytes)
    let file = try files.open(path, .readWrite)
    try file.truncate(to: 0)
    try file.write(bytes, at: 0)
    try file.syncData()
    file.close()
  }
}
