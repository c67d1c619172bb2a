import Foundation

/// The folders of a Maildir: in Maildir++ `.Name.Sub` beside the inbox's own `cur` and `new`; with other programs (mbsync,
/// Dovecot's `LAYOUT=fs`) plain directories that are Maildirs in turn.
enum MaildirFolder {
  static func isMaildir(_ path: String) -> Bool {
    ["cur", "new"].allSatisfy { FileManager.default.fileExists(atPath: path + "/" + $0) }
  }

  /// Visible names, sorted; none for a directory that cannot be read.
  static func names(in directory: String) -> [String] {
    ((try? FileManager.default.contentsOfDirectory(atPath: directory)) ?? []).filter { !$0.hasPrefix(".") }.sorted()
  }

  /// The Maildirs inside a Maildir, with the folders' names.
  static func subfolders(of path: String) -> [(directory: String, name: String)] {
    let names = ((try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []).sorted()
    return names.filter { !["cur", "new", "tmp"].contains($0) && isMaildir(path + "/" + $0) }.map { name in
      guard name.hasPrefix(".") else { return (name, name) }
      return (name, name.dropFirst().split(separator: ".").map { decoded(String($0)) }.joined(separator: "/"))
    }
  }

  /// Maildir++ keeps names as IMAP does, in modified UTF-7 (RFC 3501 §5.1.3): `&` and `-` around base64 of UTF-16, with
  /// `,` for `/`. What is not that stays as it is.
  static func decoded(_ name: String) -> String {
    var result = ""
    var rest = name[...]
    while let start = rest.firstIndex(of: "&") {
      result += rest[..<start]
      rest = rest[rest.index(after: start)...]
      guard let end = rest.firstIndex(of: "-") else { return name }
      let code = rest[..<end]
      rest = rest[rest.index(after: end)...]
      guard let text = code.isEmpty ? "&" : utf16(code) else { return name }
      result += text
    }
    return result + rest
  }

  private static func utf16(_ code: Substring) -> String? {
    let padding = String(repeating: "=", count: (4 - code.utf8.count % 4) % 4)
    guard let data = Data(base64Encoded: code.replacing(",", with: "/") + padding), data.count.isMultiple(of: 2) else {
      return nil
    }
    return String(bytes: data, encoding: .utf16BigEndian)
  }
}
