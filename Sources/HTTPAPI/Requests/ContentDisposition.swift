/// What an attachment is handed out as. Its name and type come from a stranger's mail.
package enum ContentDisposition {
  /// `attachment` with the name twice: in ASCII for old clients, and exactly (RFC 6266, RFC 8187). Slashes, controls and
  /// marks that turn the direction of writing, which make names lie, become `_`.
  package static func attachment(filename: String?) -> String {
    guard let filename, !filename.isEmpty else { return "attachment" }
    var name = String(String.UnicodeScalarView(filename.unicodeScalars.prefix(200).map { isSafe($0) ? $0 : "_" }))
    while name.hasPrefix(".") { name = "_" + name.dropFirst() }
    let ascii = String(
      String.UnicodeScalarView(name.unicodeScalars.map { $0.isASCII && $0 != "\"" && $0 != "%" ? $0 : "_" }))
    let exact = ascii == name ? "" : "; filename*=UTF-8''\(percentEncoded(name))"
    return "attachment; filename=\"\(ascii)\"\(exact)"
  }

  /// The type of the part where it is well formed and nothing that a browser would run in the server's name.
  package static func safeContentType(_ type: String) -> String {
    let type = type.lowercased()
    let halves = type.split(separator: "/", omittingEmptySubsequences: false)
    let isWellFormed =
      halves.count == 2 && type.utf8.count <= 127
      && halves.allSatisfy { !$0.isEmpty && $0.utf8.allSatisfy { tokenBytes.contains($0) } }
    // Of the office formats, which have XML in their family's name, only the part behind it can make one active.
    let telling = type.hasPrefix(officeFamily) ? type.dropFirst(officeFamily.count) : type[...]
    let isActive = ["html", "xml", "script", "svg"].contains { telling.contains($0) }
    return isWellFormed && !isActive ? type : "application/octet-stream"
  }

  private static let officeFamily = "application/vnd.openxmlformats-officedocument."

  private static let tokenBytes = Set("abcdefghijklmnopqrstuvwxyz0123456789!#$&-^_.+".utf8)

  private static func isSafe(_ scalar: UnicodeScalar) -> Bool {
    if scalar == "/" || scalar == "\\" { return false }
    switch scalar.properties.generalCategory {
    case .control, .format, .lineSeparator, .paragraphSeparator, .unassigned: return false
    default: return true
    }
  }

  private static func percentEncoded(_ text: String) -> String {
    let unreserved = Set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~".utf8)
    return text.utf8.map { byte in
      unreserved.contains(byte)
        ? String(UnicodeScalar(byte)) : "%" + (byte < 16 ? "0" : "") + String(byte, radix: 16, uppercase: true)
    }.joined()
  }
}
