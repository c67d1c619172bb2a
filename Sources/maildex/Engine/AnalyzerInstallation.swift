import Analysis
import Bytes
import Crypto

/// Which definitions of analyzers the index of a data directory is made with: a copy of them lies in the directory, and counts
/// until the whole index is made anew. So a definition that is changed, or an upgrade that brings others, changes no answer by itself.
///
///     analyzers/HASH/text.yaml, address.yaml, filename.yaml
///     analyzers/current                                       HASH, one line: those that count
///
/// HASH is the first 16 hexadecimal digits of the SHA-256 of them. Definitions that make no terms of an index count at once.
struct AnalyzerInstallation {
  let files: AnalyzerFiles
  /// The settings want others.
  let hasOtherWanted: Bool

  static let advice =
    "the analyzers that are wanted differ from those that the index is made with, and that go on to count; "
    + "to change over, stop the server and run 'maildex reindex --all --adopt-analyzers'"

  /// - Parameters:
  ///   - wanted: what the settings ask for.
  ///   - adopts: they are to count from now on.
  /// - Throws: `AnalysisError` where `wanted` makes no analyzers; `CommandFailure` where what is installed is damaged; `FileError`.
  init(opening data: String, wanted: AnalyzerFiles, adopts: Bool, _ fileSystem: any FileSystem) throws {
    let directory = data + "/analyzers"
    // Nothing is installed that no server can open.
    _ = try AnalyzerSet(wanted)
    let current = adopts ? nil : try Self.current(in: directory, data, fileSystem)
    files = current?.withUnindexed(of: wanted) ?? wanted
    hasOtherWanted = files != wanted
    if !fileSystem.exists(directory + "/current") || adopts { try Self.install(files, in: directory, fileSystem) }
  }

  private static func install(_ files: AnalyzerFiles, in directory: String, _ fileSystem: any FileSystem) throws {
    let hash = hash(of: files)
    try files.writeIndexed(to: directory + "/" + hash, fileSystem)
    try fileSystem.replaceFile(directory + "/current", with: Array((hash + "\n").utf8))
  }

  /// - Returns: `nil` of a directory that is new.
  private static func current(
    in directory: String, _ data: String, _ fileSystem: any FileSystem
  ) throws -> AnalyzerFiles? {
    guard fileSystem.exists(directory + "/current") else {
      return try hasIndex(data, fileSystem) ? .first : nil
    }
    let hash = String(decoding: try fileSystem.readFile(directory + "/current"), as: UTF8.self).dropLast()
    guard hash.count == 16, hash.allSatisfy(\.isHexDigit), fileSystem.exists("\(directory)/\(hash)") else {
      throw damaged(directory + "/current")
    }
    let files = try AnalyzerFiles(directory: "\(directory)/\(hash)", fileSystem)
    guard Self.hash(of: files) == hash else { throw damaged("\(directory)/\(hash)") }
    return files
  }

  private static func hasIndex(_ data: String, _ fileSystem: any FileSystem) throws -> Bool {
    let shards = data + "/shards"
    guard fileSystem.exists(shards) else { return false }
    return try fileSystem.list(shards).contains { fileSystem.exists("\(shards)/\($0)/index/manifest") }
  }

  private static func damaged(_ path: String) -> CommandFailure {
    CommandFailure(
      "\(path) is damaged; restore it from a backup, or make the index anew with 'maildex reindex --all --adopt-analyzers'"
    )
  }

  private static func hash(of files: AnalyzerFiles) -> String {
    SHA256.hash(data: files.indexedBytes).prefix(8).map { byte in
      let digits = String(byte, radix: 16)
      return digits.count == 1 ? "0" + digits : digits
    }.joined()
  }
}

extension AnalyzerFiles {
  /// Those that the settings want.
  init(_ settings: Settings, _ fileSystem: any FileSystem) throws {
    guard let directory = settings.analyzers else {
      self = .builtIn
      return
    }
    do {
      try self.init(directory: directory, fileSystem)
    } catch let error as FileError {
      throw CommandFailure("configuration: search.analyzers: \(error)")
    }
  }
}
