package import Bytes

/// The files of a store, each of which can print itself.
package enum StoreFileKind: Sendable {
  case journal, pack, database

  /// - Parameter beginning: the file's first 16 bytes.
  package init?(beginning: [UInt8]) {
    if beginning.starts(with: JournalFormat.magic) {
      self = .journal
    } else if beginning.starts(with: PackHeader.magic) {
      self = .pack
    } else if beginning.starts(with: Array("SQLite format 3\0".utf8)) {
      self = .database
    } else {
      return nil
    }
  }

  /// By the name, for a file whose first bytes are damaged.
  package init?(name: String) {
    switch name.split(separator: ".").last {
    case "journal": self = .journal
    case "pack", "open", "log": self = .pack
    case "sqlite": self = .database
    default: return nil
    }
  }

  /// Prints the file, as far as it can be read, in bounded memory. Reads only, so that it may run beside a server.
  /// - Throws: `FileError` where the file cannot be read at all; what the output throws.
  package func dump(_ path: String, _ fileSystem: any FileSystem, _ output: DumpOutput) throws {
    switch self {
    case .journal: try JournalFileDump(path, fileSystem, output).write()
    case .pack: try PackDump(path, fileSystem, output).write()
    case .database: try DatabaseDump(path, output).write()
    }
  }
}
