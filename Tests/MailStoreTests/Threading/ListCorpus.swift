import Bytes
import Foundation
import MailStore

/// The header fields that thread real mailing lists, read from `lists.tar.zst` in the directory of corpora: by a reader
/// just good enough for this, so that the test needs no parser of mail.
enum ListCorpus {
  struct Mail {
    var messageID: String?
    var references: [String] = []
    var inReplyTo: [String] = []
    var subject = ""
    var from = ""
  }

  /// `MAILDEX_CORPORA`, or a corpora directory beside the checkout.
  static let path: String = {
    let root = #filePath.split(separator: "/").dropLast(4).joined(separator: "/")
    let directory = ProcessInfo.processInfo.environment["MAILDEX_CORPORA"] ?? "/\(root)/../shared/corpora"
    return directory + "/lists.tar.zst"
  }()

  static var isPresent: Bool { PosixFileSystem().exists(path) }

  /// The first mails of the archive.
  static func mails(_ count: Int) throws -> [Mail] {
    var reader = MailboxReader(limit: count)
    let stream = ZstdStream()
    let file = try PosixFileSystem().open(path, .read)
    defer { file.close() }
    var offset: UInt64 = 0
    while !reader.isDone {
      let chunk = try file.read(at: offset, byteCount: 1 << 16)
      if chunk.isEmpty { break }
      offset += UInt64(chunk.count)
      var used = 0
      while !reader.isDone, let piece = try stream.next(of: chunk, from: &used) { reader.read(piece) }
    }
    return reader.mails
  }

  /// Finds mails by their `From ` lines; the blocks of the archive between files are lines like others.
  private struct MailboxReader {
    let limit: Int
    private(set) var mails: [Mail] = []
    private var line: [UInt8] = []
    private var field = ""
    private var isHeader = false

    init(limit: Int) { self.limit = limit }

    var isDone: Bool { mails.count >= limit && !isHeader }

    mutating func read(_ bytes: [UInt8]) {
      for part in bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).enumerated() {
        if part.offset > 0 { endLine() }
        if isDone { return }
        // Bodies are long, and only lines that could begin a mail matter there.
        if isHeader || line.count < 1_024 { line += part.element }
      }
    }

    private mutating func endLine() {
      defer { line.removeAll(keepingCapacity: true) }
      if !isHeader {
        // A file's first line follows the zeros of its archive block.
        let start = line.lastIndex(of: 0).map { $0 + 1 } ?? 0
        guard line[start...].starts(with: Array("From ".utf8)) else { return }
        isHeader = true
        mails.append(Mail())
      } else if line.isEmpty || line == [0x0D] {
        endField()
        isHeader = false
      } else if line[0] == 0x20 || line[0] == 0x09 {
        field += " " + String(decoding: line, as: UTF8.self)
      } else {
        endField()
        field = String(decoding: line, as: UTF8.self)
      }
    }

    private mutating func endField() {
      guard let colon = field.firstIndex(of: ":") else { return }
      let value = field[field.index(after: colon)...].trimmingCharacters(in: .whitespacesAndNewlines)
      let last = mails.count - 1
      switch field[..<colon].lowercased() {
      case "message-id": mails[last].messageID = value
      case "references": mails[last].references = Self.ids(value)
      case "in-reply-to": mails[last].inReplyTo = Self.ids(value)
      case "subject": mails[last].subject = value
      case "from": mails[last].from = value.lowercased()
      default: break
      }
      field = ""
    }

    private static func ids(_ value: String) -> [String] {
      value.split(separator: "<").dropFirst().compactMap { $0.split(separator: ">").first.map(String.init) }
    }
  }
}
