package import Bytes

/// What a data directory is: its format's version and the number of its shards, fixed when it is made.
///
/// Kept in the file `maildex.format`, one line: `maildex VERSION shards COUNT`.
package struct DataDirectory: Sendable {
  /// Of everything under the directory; a reader refuses a newer one.
  package static let version = 1
  package static let defaultShardCount = 4

  package let path: String
  package let shardCount: Int

  /// Opens the directory, making it when it is missing or empty.
  /// - Throws: `DataDirectoryError` for a newer version or a directory that is none of ours; `FileError`.
  package init(
    opening path: String, fileSystem: any FileSystem, shardCount: Int = defaultShardCount
  ) throws {
    try fileSystem.createDirectory(path)
    let formatFile = path + "/maildex.format"
    guard fileSystem.exists(formatFile) else {
      let present = try fileSystem.list(path).filter { !["maildex.lock", "run", "maildex.format.new"].contains($0) }
      guard present.isEmpty else {
        throw DataDirectoryError("\(path) is not empty and not a Maildex data directory; choose another with --data")
      }
      try fileSystem.replaceFile(formatFile, with: Array("maildex \(Self.version) shards \(shardCount)\n".utf8))
      self.path = path
      self.shardCount = shardCount
      return
    }
    let words = String(decoding: try fileSystem.readFile(formatFile), as: UTF8.self).split(
      whereSeparator: \.isWhitespace)
    guard words.count == 4, words[0] == "maildex", words[2] == "shards", let version = Int(words[1]),
      let count = Int(words[3]), (1...4_096).contains(count)
    else { throw DataDirectoryError("\(formatFile) is damaged; restore it from a backup") }
    guard version <= Self.version else {
      throw DataDirectoryError(
        "\(path) was made by a newer Maildex (format \(version), this one reads up to \(Self.version)); upgrade Maildex"
      )
    }
    self.path = path
    self.shardCount = count
  }

  package func shardDirectory(_ number: Int) -> String {
    path + "/shards/" + (number < 10 ? "0" : "") + String(number)
  }

  /// The shard that holds a user's mail. SplitMix64's finaliser, so that neighbouring numbers spread.
  package func shard(of user: UserID) -> Int {
    var mixed = UInt64(user.rawValue) &* 0x9E37_79B9_7F4A_7C15
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return Int((mixed ^ (mixed >> 31)) % UInt64(shardCount))
  }
}

/// The data directory cannot be used; the text says what to do.
package struct DataDirectoryError: Error, CustomStringConvertible {
  package let description: String
  init(_ description: String) { self.description = description }
}
