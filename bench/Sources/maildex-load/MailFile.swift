import Foundation

/// A mail ready for the wire: CRLF line ends, dots stuffed, without the final dot.
struct WireMail: Sendable {
  let user: String
  let data: [UInt8]

  /// Whether a line of text at the end belongs to the body: not behind a last boundary, in base64 or after a tag.
  var endsInText: Bool {
    let header = String(decoding: data.prefix(8_192), as: UTF8.self).lowercased()
    return !["content-type: multipart", "content-type: text/html", "base64"].contains(where: header.contains)
  }
}

/// Reads `DIR/<user>/<folder>.mbox` (mboxrd): the directory names the mailbox owner.
enum MailFile {
  static func load(directory: String, limit: Int) throws -> [WireMail] {
    var mails: [WireMail] = []
    for user in try FileManager.default.contentsOfDirectory(atPath: directory).sorted() {
      let folder = directory + "/" + user
      for name in try FileManager.default.contentsOfDirectory(atPath: folder).sorted() where name.hasSuffix(".mbox") {
        guard let data = FileManager.default.contents(atPath: folder + "/" + name) else { continue }
        for message in split([UInt8](data)) { mails.append(WireMail(user: user, data: message)) }
      }
    }
    var random = SplitMix(state: 42)
    mails.shuffle(using: &random)
    return limit > 0 ? Array(mails.prefix(limit)) : mails
  }

  private static func split(_ bytes: [UInt8]) -> [[UInt8]] {
    var messages: [[UInt8]] = []
    var current: [UInt8] = []
    var isAfterEmptyLine = true
    var hasStarted = false
    for line in bytes.split(separator: 0x0A, omittingEmptySubsequences: false) {
      if isAfterEmptyLine, line.starts(with: "From ".utf8) {
        if hasStarted { messages.append(current) }
        current = []
        hasStarted = true
        isAfterEmptyLine = false
        continue
      }
      isAfterEmptyLine = line.isEmpty
      let body =
        line.first == UInt8(ascii: ">") && line.drop { $0 == UInt8(ascii: ">") }.starts(with: "From ".utf8)
        ? line.dropFirst() : line
      if body.first == UInt8(ascii: ".") { current.append(UInt8(ascii: ".")) }
      current += body.filter { $0 != 0x0D }
      current += [0x0D, 0x0A]
    }
    if hasStarted { messages.append(current) }
    return messages
  }
}

struct SplitMix: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 31)
  }
}
