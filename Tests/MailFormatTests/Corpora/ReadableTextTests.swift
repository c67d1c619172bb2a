import MailFormat
import TestSupport
import Testing

/// Broken and hard mails without expectations: nothing may trap, and what people could read must be found.
@Suite(.enabled(if: MailCorpus.isPresent("edge-cases"), "no corpora directory"))
struct ReadableTextTests {
  private static let suites = [
    "mikel-mail", "mimekit-messages", "mimekit-partial", "zbateson", "flanker", "nodemailer", "rspamd", "cyrus",
    "python-test_email", "mime4j", "stalwart-mail-parser", "imap-tools",
  ]

  @Test(arguments: suites)
  func `words of plain text are found in what was read`(suite: String) throws {
    let suffixes = suite == "mime4j" ? [".msg"] : [".eml", ".txt"]
    let files = try MailCorpus.files("edge-cases").filter { file in
      file.path.contains("/\(suite)/") && suffixes.contains { file.path.hasSuffix($0) }
    }
    #expect(!files.isEmpty)
    var (wordCount, foundCount) = (0, 0)
    for file in files {
      MutationTests.check(file.bytes, file.path)
      let found = Set(Self.read(file.bytes))
      let words = Self.plainWords(file.bytes)
      wordCount += words.count
      foundCount += words.count(where: found.contains)
    }
    print("\(suite): \(files.count) mails, \(foundCount) of \(wordCount) words found")
    // The rest stands between and after the parts of nested multiparts.
    #expect(Double(foundCount) >= 0.85 * Double(wordCount))
  }

  /// Everything the mail gives, text attachments included.
  private static func read(_ bytes: [UInt8]) -> [String] {
    let mail = MailParser().parse(bytes)
    let attached = mail.attachments.filter { $0.contentType.hasPrefix("text/") || $0.contentType.hasPrefix("message/") }
      .compactMap { MailParser().attachmentContent(bytes, partPath: $0.partPath) }
      .flatMap { words(String(decoding: $0, as: UTF8.self)) }
    let texts = [mail.text, mail.subject] + mail.attachmentTexts.map(\.text) + mail.headers.map(\.value)
    return texts.flatMap(words) + (mail.html.map(words) ?? []) + attached
  }

  /// Words of the lines that look like prose wherever they stand in the mail: three words in a row. What stands before
  /// the first part of a multipart is for nobody to see.
  private static func plainWords(_ bytes: [UInt8]) -> [String] {
    guard !bytes.contains(where: { $0 >= 0x80 }) else { return [] }
    var lines = bytes.split(separator: 0x0A).map { String(decoding: $0, as: UTF8.self) }[...]
    if lines.contains(where: { $0.lowercased().contains("multipart/") }) {
      lines = lines.drop { !$0.hasPrefix("--") }
    }
    return lines.flatMap { line -> [String] in
      let isProse = line.firstMatch(of: /^[A-Z]?[a-z]+ [a-z]+ [a-z]+[ ,.]/) != nil
      return isProse && !line.contains("=") ? words(line) : []
    }
  }

  private static func words(_ text: String) -> [String] {
    text.split { !$0.isLetter }.map { $0.lowercased() }
  }
}
