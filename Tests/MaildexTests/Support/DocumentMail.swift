import Foundation

/// The documents of Fixtures/Documents, as they come with mail.
enum DocumentMail {
  static func path(_ name: String) -> String {
    URL(fileURLWithPath: #filePath).resolvingSymlinksInPath().deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent().deletingLastPathComponent().appendingPathComponent("Fixtures/Documents/\(name)").path
  }

  static func make(subject: String, attaching names: [String]) throws -> [UInt8] {
    var text = "From: Dan <dan@example.net>\r\nTo: alice@example.com\r\nSubject: \(subject)\r\n"
    text += "Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\nSee what is attached.\r\n"
    for name in names {
      let content = try Data(contentsOf: URL(fileURLWithPath: path(name)))
      text += "--b\r\nContent-Type: application/octet-stream\r\nContent-Transfer-Encoding: base64\r\n"
      text += "Content-Disposition: attachment; filename=\(name)\r\n\r\n"
      text += content.base64EncodedString(options: [
        .lineLength76Characters, .endLineWithCarriageReturn, .endLineWithLineFeed,
      ])
      text += "\r\n"
    }
    return Array((text + "--b--\r\n").utf8)
  }
}
