import Foundation

/// The mailbox and the queries of `Fixtures/Golden`.
struct GoldenSet: Sendable {
  /// The mbox files.
  let mailbox: String
  /// The names of all mails: their Message-IDs without the domain.
  private(set) var mails: Set<String> = []
  /// Those that lie neither in spam nor in trash.
  private(set) var shown: Set<String> = []
  private(set) var queries: [GoldenQuery] = []
  let highlights: [GoldenHighlight]

  init() throws {
    let root = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../../Fixtures/Golden")
      .standardizedFileURL
    mailbox = root.appending(path: "mailbox").path
    for file in try Self.files(root.appending(path: "mailbox"), ending: ".mbox") {
      let names = try Self.names(inMbox: file)
      mails.formUnion(names)
      if !["Spam.mbox", "Trash.mbox"].contains(file.lastPathComponent) { shown.formUnion(names) }
    }
    highlights = try Self.lines(root.appending(path: "highlights.tsv")).map { try GoldenHighlight($0) }
    for file in try Self.files(root.appending(path: "queries"), ending: ".tsv") {
      queries += try Self.lines(file).map { try GoldenQuery($0, shown: shown) }
    }
  }

  /// A mail's name; `nil` for a mail that is none of these.
  static func name(ofMessageID id: String?) -> String? {
    guard let id, id.hasSuffix(domain) else { return nil }
    return String(id.dropLast(domain.count))
  }

  private static let domain = "@golden.example"

  private static func files(_ directory: URL, ending: String) throws -> [URL] {
    try FileManager.default.contentsOfDirectory(atPath: directory.path).sorted().filter { $0.hasSuffix(ending) }
      .map { directory.appending(path: $0) }
  }

  /// Of a table, without its heading.
  private static func lines(_ table: URL) throws -> ArraySlice<Substring> {
    try String(contentsOf: table, encoding: .utf8).split(separator: "\n").dropFirst()
  }

  /// By bytes: there are many charsets in an mbox.
  private static func names(inMbox file: URL) throws -> [String] {
    let start = Array("Message-ID: <".utf8)
    return try Data(contentsOf: file).split(separator: UInt8(ascii: "\n")).compactMap { line in
      guard line.starts(with: start), line.last == UInt8(ascii: ">") else { return nil }
      return name(ofMessageID: String(decoding: line.dropFirst(start.count).dropLast(), as: UTF8.self))
    }
  }
}
