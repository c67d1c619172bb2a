import Bytes
import Foundation
import MailFormat
import Testing

/// Every mail of Fixtures/Mail against the expectation beside it.
struct FixtureTests {
  static let directory = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .appendingPathComponent("../../Fixtures/Mail").standardized

  static let names: [String] = {
    let paths = FileManager.default.enumerator(atPath: directory.path)?.compactMap { $0 as? String } ?? []
    return paths.filter { $0.hasSuffix(".eml") }.map { String($0.dropLast(4)) }.sorted()
  }()

  /// Expectations name only what matters to their case.
  struct Expectation: Decodable {
    var subject: String?
    var from_: [String]?
    var to: [String]?
    var cc: [String]?
    var date: Int64?
    var receivedDate: Int64?
    var messageID: String?
    var inReplyTo: [String]?
    var references: [String]?
    var listID: String?
    var text: String?
    var textContains: String?
    var htmlContains: String?
    var attachments: [String]?
    var nested: [String]?
    var defects: [String]?
  }

  static func mail(_ name: String) throws -> [UInt8] {
    [UInt8](try Data(contentsOf: directory.appendingPathComponent(name + ".eml")))
  }

  @Test func `there are sample mails for every concern`() {
    for folder in ["plain", "headers", "charsets", "mime", "broken"] {
      #expect(Self.names.contains { $0.hasPrefix(folder + "/") })
    }
  }

  @Test(arguments: names)
  func `a sample mail reads as expected`(name: String) throws {
    let json = try Data(contentsOf: Self.directory.appendingPathComponent(name + ".json"))
    let expected = try JSONDecoder().decode(Expectation.self, from: json)
    check(MailParser().parse(try Self.mail(name)), expected)
  }

  /// Sizes of text attachments change with the line end, so attachments are left out.
  @Test(arguments: names)
  func `a sample mail reads the same with CRLF`(name: String) throws {
    let bytes = try Self.mail(name)
    guard !bytes.contains(0x0D) else { return }
    let json = try Data(contentsOf: Self.directory.appendingPathComponent(name + ".json"))
    var expected = try JSONDecoder().decode(Expectation.self, from: json)
    expected.attachments = nil
    check(MailParser().parse(bytes.flatMap { $0 == 0x0A ? [0x0D, 0x0A] : [$0] }), expected)
  }

  private func check(_ mail: ParsedMail, _ expected: Expectation) {
    if let subject = expected.subject { #expect(mail.subject == subject) }
    if let from = expected.from_ { #expect(mail.from.map(shown) == from) }
    if let to = expected.to { #expect(mail.to.map(shown) == to) }
    if let cc = expected.cc { #expect(mail.cc.map(shown) == cc) }
    if let date = expected.date { #expect(mail.date?.rawValue == date) }
    if let date = expected.receivedDate { #expect(mail.receivedDate?.rawValue == date) }
    if let messageID = expected.messageID { #expect(mail.messageID == messageID) }
    if let identifiers = expected.inReplyTo { #expect(mail.inReplyTo == identifiers) }
    if let identifiers = expected.references { #expect(mail.references == identifiers) }
    if let listID = expected.listID { #expect(mail.listID == listID) }
    if let text = expected.text { #expect(mail.text == text) }
    if let part = expected.textContains { #expect(mail.text.contains(part)) }
    if let part = expected.htmlContains { #expect(mail.html?.contains(part) == true) }
    if let attachments = expected.attachments { #expect(mail.attachments.map(shown) == attachments) }
    if let nested = expected.nested { #expect(mail.attachmentTexts.map(\.text) == nested) }
    if let defects = expected.defects { #expect(mail.defects.map(\.rawValue) == defects) }
  }

  private func shown(_ address: EmailAddress) -> String {
    address.name.map { "\($0) <\(address.address)>" } ?? address.address
  }

  private func shown(_ part: ParsedAttachment) -> String {
    "\(part.partPath) \(part.contentType) \(part.filename ?? "-") \(part.byteCount)"
      + (part.isInline ? " inline" : "") + (part.isSignature ? " signature" : "")
  }
}
