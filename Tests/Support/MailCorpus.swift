import Bytes
import Foundation

/// Mail corpora, which are not part of the project: `*.tar.zst` archives in the directory that MAILDEX_CORPORA names, or
/// in `shared/corpora` beside the checkout. Tests that need one are skipped where it is absent.
package enum MailCorpus {
  package struct Entry: Sendable {
    package var path: String
    package var bytes: [UInt8]
  }

  package static func isPresent(_ name: String) -> Bool { FileManager.default.fileExists(atPath: archivePath(name)) }

  package static func archivePath(_ name: String) -> String {
    let named = ProcessInfo.processInfo.environment["MAILDEX_CORPORA"]
    let beside = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .appendingPathComponent("../../../shared/corpora").standardized.path
    return (named ?? beside) + "/\(name).tar.zst"
  }

  private static let edgeCases = Result { try read("edge-cases") }

  /// The files of an archive, in its order.
  package static func files(_ name: String) throws -> [Entry] {
    name == "edge-cases" ? try edgeCases.get() : try read(name)
  }

  private static func read(_ name: String) throws -> [Entry] {
    let archive = try Data(contentsOf: URL(fileURLWithPath: archivePath(name)))
    return try TarReader.files(Zstd.decompress([UInt8](archive), limit: 1 << 30))
  }

  /// The mails of an mboxrd file.
  package static func mails(inMbox bytes: [UInt8]) -> [[UInt8]] {
    var mails: [[UInt8]] = []
    var mail: [UInt8]?
    for line in bytes.split(separator: 0x0A, omittingEmptySubsequences: false) {
      if line.starts(with: Array("From ".utf8)) {
        if let mail { mails.append(mail) }
        mail = []
        continue
      }
      let unquoted =
        line.drop { $0 == 0x3E }.starts(with: Array("From ".utf8)) && line.first == 0x3E ? line.dropFirst() : line
      mail? += unquoted
      mail?.append(0x0A)
    }
    if let mail { mails.append(mail) }
    return mails
  }
}

/// Regular files of a POSIX tar archive.
private enum TarReader {
  struct BadArchive: Error {}

  static func files(_ tar: [UInt8]) throws -> [MailCorpus.Entry] {
    var entries: [MailCorpus.Entry] = []
    var longName: String?
    var offset = 0
    while offset + 512 <= tar.count, tar[offset] != 0 {
      let header = tar[offset..<(offset + 512)]
      let text = { (from: Int, count: Int) in
        String(decoding: header[(offset + from)..<(offset + from + count)].prefix { $0 != 0 }, as: UTF8.self)
      }
      guard let size = Int(text(124, 12).trimmingCharacters(in: .whitespaces), radix: 8) else { throw BadArchive() }
      let body = tar[(offset + 512)..<min(offset + 512 + size, tar.count)]
      switch header[offset + 156] {
      case UInt8(ascii: "L"): longName = String(decoding: body.prefix { $0 != 0 }, as: UTF8.self)
      case UInt8(ascii: "0"), 0:
        let prefix = text(345, 155)
        let name = longName ?? (prefix.isEmpty ? text(0, 100) : prefix + "/" + text(0, 100))
        entries.append(MailCorpus.Entry(path: name, bytes: Array(body)))
        longName = nil
      default: break
      }
      offset += 512 + (size + 511) / 512 * 512
    }
    return entries
  }
}
