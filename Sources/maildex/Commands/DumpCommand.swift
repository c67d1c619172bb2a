import ArgumentParser
import Bytes
import Foundation
import Index
import MailStore

struct DumpCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "dump",
    abstract: "Print what is in files of a data directory, for people.",
    discussion: """
      Knows journals, packs and receive logs, runs, segments, manifests, the state of a rebuild, and the SQLite files. \
      Reads only, also beside a running server, and needs no data directory: any copy of a file will do. A damaged file is \
      printed as far as it can be read; each damage is a line that begins with "damaged:" and says where it is, and the \
      exit code is 1. Users are numbers there; 'maildex stats --user' tells which. docs/formats explains the formats.
      """)

  @Option(help: "Show only what belongs to the user of this number.") var user: UInt32?
  @Option(help: "Show only what belongs to this term, as the analyzer writes it, with all its postings.") var term:
    String?
  @Argument(help: "The files.") var files: [String]

  func validate() throws {
    if files.isEmpty { throw ValidationError("name at least one file") }
  }

  func run() throws {
    var damaged: [String] = []
    for file in files {
      if files.count > 1 { StandardStream.output.print("==> \(file) <==") }
      let output = DumpOutput(DumpOutput.Scope(user: user.map { UserID(rawValue: $0) }, term: term)) {
        StandardStream.output.print($0)
      }
      do {
        try Self.dump(file, output)
      } catch let error as FileError {
        throw CommandFailure("\(error)")
      }
      if !output.damages.isEmpty { damaged.append(file) }
    }
    if !damaged.isEmpty {
      throw CommandFailure("damaged: \(damaged.joined(separator: ", ")); the lines above that say so tell where")
    }
  }

  /// By what the file begins with; where that is damaged, by its name.
  private static func dump(_ path: String, _ output: DumpOutput) throws {
    let fileSystem = PosixFileSystem()
    let file = try fileSystem.open(path, .read)
    let beginning = try file.read(at: 0, byteCount: 16)
    file.close()
    let name = path.split(separator: "/").last.map(String.init) ?? path
    if let kind = IndexFileKind(beginning: beginning) { return try kind.dump(path, fileSystem, output) }
    if let kind = StoreFileKind(beginning: beginning) { return try kind.dump(path, fileSystem, output) }
    if let kind = IndexFileKind(name: name) { return try kind.dump(path, fileSystem, output) }
    if let kind = StoreFileKind(name: name) { return try kind.dump(path, fileSystem, output) }
    throw CommandFailure("\(path): no file of a data directory that this version knows")
  }
}
