import MailFormat
import TestSupport
import Testing

/// Damaged mails: nothing traps, texts are what they promise to be, and splitting stays exact.
struct MutationTests {
  private static let mails = [
    "mime/alternative-with-inline-picture", "mime/forwarded-as-attachment", "headers/encoded-words-in-all-places",
    "headers/groups-routes-comments", "charsets/japanese-iso-2022-jp", "plain/format-flowed-with-quotes",
    "mime/html-only",
  ]

  @Test(arguments: mails)
  func `every truncation of a mail is read`(name: String) throws {
    let bytes = try FixtureTests.mail(name)
    for count in 0...bytes.count { Self.check(Array(bytes[..<count]), "first \(count) bytes of \(name)") }
  }

  @Test(arguments: 0..<24)
  func `mutated mails are read`(seed: UInt64) throws {
    var random = SeededGenerator(seed: seed)
    let bytes = try Self.mails.map(FixtureTests.mail)
    for round in 0..<40 {
      var mail = bytes.randomElement(using: &random) ?? []
      for _ in 0..<Int.random(in: 1...12, using: &random) { Self.mutate(&mail, with: bytes, &random) }
      Self.check(mail, "seed \(seed), round \(round)")
    }
  }

  private static let pieces = [
    "\n", "\r\n", "\n\n", "--", "=?", "?=", "=", "\"", "(", "<", ">", ";", ":", "\0", "\u{1B}$B", "--outer\n",
  ]

  private static func mutate(_ mail: inout [UInt8], with others: [[UInt8]], _ random: inout SeededGenerator) {
    let place = Int.random(in: 0...mail.count, using: &random)
    let other = Int.random(in: 0...mail.count, using: &random)
    let range = min(place, other)..<min(max(place, other), min(place, other) + 64)
    switch Int.random(in: 0..<5, using: &random) {
    case 0: mail.insert(UInt8.random(in: 0...255, using: &random), at: place)
    case 1: mail.removeSubrange(range)
    case 2: mail.insert(contentsOf: Array((pieces.randomElement(using: &random) ?? "").utf8), at: place)
    case 3: mail.insert(contentsOf: Array(mail[range]), at: place)
    default:
      guard !mail.isEmpty else { return }
      mail[min(place, mail.count - 1)] ^= 1 << UInt8.random(in: 0..<8, using: &random)
    }
  }

  static func check(_ bytes: [UInt8], _ origin: String) {
    let mail = MailParser().parse(bytes)
    let texts =
      [mail.text, mail.subject, mail.html ?? ""] + mail.attachmentTexts.map(\.text) + mail.headers.map(\.value)
    #expect(!texts.contains { $0.utf8.contains(0) }, "NUL in \(origin)")
    for attachment in mail.attachments {
      let content = MailParser().attachmentContent(bytes, partPath: attachment.partPath)
      #expect(content?.count == attachment.byteCount, "attachment \(attachment.partPath) of \(origin)")
    }
    if let split = MailSplitter().split(bytes, minimumByteCount: 8) {
      #expect(MailSplitterTests.assembled(split, bytes) == bytes, "split of \(origin)")
      for case .attachment(let piece) in split.pieces where piece.isWhole {
        #expect(
          MailParser().attachmentContent(bytes, partPath: piece.partPath) == piece.content,
          "piece \(piece.partPath) of \(origin)")
      }
    }
  }
}
