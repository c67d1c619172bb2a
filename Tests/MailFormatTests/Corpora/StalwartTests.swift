import Bytes
import Foundation
import TestSupport
import Testing

@testable import MailFormat

/// Mails and header strings of Stalwart's mail-parser (Apache-2.0 or MIT) with what that parser makes of them.
///
/// Why the others differ. Mails: raw Latin-1 in headers is read here; NUL is dropped; empty multiparts are shown as the text
/// they are, not attached; a boundary that is only the start of a line is none; every nested mail of a digest counts.
/// Addresses: comments are no part of a name that is given, and a name that repeats the address is none. Dates: years of
/// two digits are windowed, seconds are kept with fractions. Texts: no blank is made up where a word touches text.
@Suite(.enabled(if: MailCorpus.isPresent("edge-cases"), "no corpora directory"))
struct StalwartTests {
  private static func files() throws -> [String: [UInt8]] {
    let files = try MailCorpus.files("edge-cases").filter { $0.path.contains("stalwart-mail-parser/") }
    return Dictionary(uniqueKeysWithValues: files.map { ($0.path, $0.bytes) })
  }

  private static func cases(_ name: String) throws -> [(header: [UInt8], expected: JSON)] {
    let files = try files()
    let bytes = try #require(files.first { $0.key.hasSuffix("headers/\(name).json") }?.value)
    return try JSON(bytes).items.map { (Array($0["header"].text.utf8), $0["expected"]) }
  }

  // MARK: - Mails

  @Test(arguments: [false, true])
  func `most mails read as mail-parser reads them`(isCRLF: Bool) throws {
    var agreement = Agreement()
    let files = try Self.files()
    for (path, bytes) in files.sorted(by: { $0.key < $1.key }) where path.hasSuffix(".eml") {
      let json = try #require(files[path.replacing(".eml", with: isCRLF ? ".crlf.json" : ".json")])
      let mail = MailParser().parse(isCRLF ? Self.withCRLF(bytes) : bytes)
      agreement.compare(path, Self.pairs(mail, try JSON(json)))
    }
    agreement.report("mail-parser, \(isCRLF ? "CRLF" : "LF")")
    #expect(agreement.total == 44)
    #expect(agreement.agreed >= 34)
  }

  private static func pairs(_ mail: ParsedMail, _ json: JSON) -> [(what: String, ours: String, theirs: String)] {
    let parts = json["parts"].items
    let header = { (name: String) in parts.first?["headers"].items.first { $0["name"].text == name }?["value"] ?? JSON()
    }
    let shown = json["text_body"].items.compactMap(\.number).map { parts[$0]["body"] }
    var pairs = [
      ("subject", collapsed(mail.subject), collapsed(header("subject")["Text"].text)),
      ("from", people(mail.from), people(header("from")["Address"])),
      ("to", people(mail.to), people(header("to")["Address"])),
      ("attachments", "\(mail.attachments.count)", "\(json["attachments"].items.count)"),
    ]
    if header("date")["DateTime"].isPresent {
      pairs.append(("date", "\(mail.date?.rawValue ?? 0)", "\(milliseconds(header("date")["DateTime"]))"))
    }
    // HTML as text is a matter of taste.
    if shown.allSatisfy({ $0["Text"].isPresent }) {
      pairs.append(("text", collapsed(mail.text), collapsed(shown.map { $0["Text"].text }.joined(separator: " "))))
    }
    return pairs
  }

  private static func withCRLF(_ bytes: [UInt8]) -> [UInt8] {
    bytes.contains(0x0D) ? bytes : bytes.flatMap { $0 == 0x0A ? [0x0D, 0x0A] : [$0] }
  }

  // MARK: - Header strings

  @Test func `addresses read as mail-parser reads them`() throws {
    var agreement = Agreement()
    for (header, expected) in try Self.cases("address") {
      let ours = AddressList.parse(header[...], charsets: CharsetHints(), limit: 1_000).addresses
      agreement.compare(String(decoding: header, as: UTF8.self), [("list", Self.people(ours), Self.people(expected))])
    }
    agreement.report("mail-parser, addresses")
    #expect(agreement.agreed >= 16)
  }

  @Test func `dates read as mail-parser reads them`() throws {
    var agreement = Agreement()
    for (header, expected) in try Self.cases("date") {
      let theirs = expected.isPresent ? Self.milliseconds(expected) : 0
      agreement.compare(
        String(decoding: header, as: UTF8.self),
        [("date", "\(MailDate.parse(header[...])?.rawValue ?? 0)", "\(theirs)")])
    }
    for (header, expected) in try Self.cases("received") where expected["date"].isPresent {
      agreement.compare(
        String(decoding: header, as: UTF8.self),
        [
          (
            "received", "\(MailDate.parseReceived(header[...])?.rawValue ?? 0)",
            "\(Self.milliseconds(expected["date"]))"
          )
        ])
    }
    agreement.report("mail-parser, dates")
    #expect(agreement.agreed >= 65)
  }

  @Test func `unstructured texts read as mail-parser reads them`() throws {
    var agreement = Agreement()
    for (header, expected) in try Self.cases("unstructured") {
      let field = String(decoding: header, as: UTF8.self)
      let mail = MailParser().parse(Array("Subject:\(field)\n\n".utf8))
      agreement.compare(field, [("text", mail.subject, expected.text)])
    }
    agreement.report("mail-parser, unstructured")
    #expect(agreement.agreed >= 7)
  }

  @Test func `content types read as mail-parser reads them`() throws {
    var agreement = Agreement()
    for (header, expected) in try Self.cases("content_type") {
      let (value, parameters) = MIMEParameters.parse(header[...])
      var pairs = [
        ("type", String(decoding: value, as: UTF8.self).lowercased(), Self.typeName(expected).lowercased())
      ]
      for attribute in expected["attributes"].items {
        let pair = attribute.items
        let (name, theirs) =
          pair.count == 2 ? (pair[0].text, pair[1].text) : (attribute["name"].text, attribute["value"].text)
        if name.hasSuffix("-charset") || name.hasSuffix("-language") { continue }
        pairs.append((name, parameters.text(name.lowercased(), charsets: CharsetHints()) ?? "", theirs))
      }
      agreement.compare(String(decoding: header, as: UTF8.self), pairs)
    }
    agreement.report("mail-parser, content types")
    #expect(agreement.agreed >= 30)
  }

  // MARK: - Shapes

  private static func typeName(_ json: JSON) -> String {
    json["c_subtype"].isPresent ? json["c_type"].text + "/" + json["c_subtype"].text : json["c_type"].text
  }

  private static func people(_ list: [EmailAddress]) -> String {
    list.map { entry($0.name ?? "", $0.address) }.joined(separator: ", ")
  }

  private static func people(_ json: JSON) -> String {
    let groups = json["Group"].items.flatMap { $0["addresses"].items }
    return (json["List"].items + groups).map { entry($0["name"].text, $0["address"].text) }.joined(separator: ", ")
  }

  /// A bare word is an address here and a name there.
  private static func entry(_ name: String, _ address: String) -> String {
    address.isEmpty ? name : name.isEmpty ? address : "\(name) <\(address)>"
  }

  private static func milliseconds(_ json: JSON) -> Int {
    var calendar = Calendar(identifier: .gregorian)
    calendar.timeZone = .gmt
    var parts = DateComponents()
    (parts.year, parts.month, parts.day) = (json["year"].number, json["month"].number, json["day"].number)
    (parts.hour, parts.minute, parts.second) = (json["hour"].number, json["minute"].number, json["second"].number)
    let offset = ((json["tz_hour"].number ?? 0) * 60 + (json["tz_minute"].number ?? 0)) * 60
    let seconds = Int(calendar.date(from: parts)?.timeIntervalSince1970 ?? 0)
    return (seconds + (json["tz_before_gmt"].flag ? offset : -offset)) * 1_000
  }
}

/// A JSON value walked without declaring its shape.
struct JSON {
  private let value: Any?
  init(_ value: Any? = nil) { self.value = value is NSNull ? nil : value }
  init(_ bytes: [UInt8]) throws { self.init(try JSONSerialization.jsonObject(with: Data(bytes))) }
  subscript(_ key: String) -> JSON { JSON((value as? [String: Any])?[key]) }
  var items: [JSON] { (value as? [Any] ?? []).map { JSON($0) } }
  var text: String { value as? String ?? "" }
  var number: Int? { (value as? NSNumber)?.intValue }
  var flag: Bool { (value as? NSNumber)?.boolValue ?? false }
  var isPresent: Bool { value != nil }
}
