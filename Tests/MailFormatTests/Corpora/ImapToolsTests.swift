import Foundation
import MailFormat
import TestSupport
import Testing

/// Mails of imap-tools (Apache-2.0) with what that library, built on Python's `email`, makes of them.
///
/// Why the others differ: Python keeps what it cannot decode as U+FFFD where the charset is found here, shows the text of
/// unnamed later parts and of nested mails differently, and takes unnamed parts for no attachments.
@Suite(.enabled(if: MailCorpus.isPresent("edge-cases"), "no corpora directory"))
struct ImapToolsTests {
  private struct Expectation: Decodable {
    struct Person: Decodable, Sendable { var name: String; var email: String }
    struct Attachment: Decodable { var filename: String; var content_type: String; var payload: Payload }
    struct Payload: Decodable { var bytes: Int? }
    var subject: String
    var from_values: Person?
    var to_values: [Person]
    var cc_values: [Person]
    var text: String
    var html: String
    var attachments: [Attachment]
  }

  @Test func `most mails read as imap-tools reads them`() throws {
    var agreement = Agreement()
    let files = try MailCorpus.files("edge-cases").filter { $0.path.contains("imap-tools/") }
    let byPath = Dictionary(uniqueKeysWithValues: files.map { ($0.path, $0.bytes) })
    for file in files where file.path.hasSuffix(".eml") {
      let json = try #require(byPath[file.path.replacing(".eml", with: ".expected.json")])
      let expected = try JSONDecoder().decode(Expectation.self, from: Data(json))
      let mail = MailParser().parse(file.bytes)
      let text = mail.html != nil && expected.text.isEmpty ? "" : mail.text
      agreement.compare(
        file.path,
        [
          ("subject", collapsed(mail.subject), collapsed(expected.subject)),
          ("from", shown(Array(mail.from.prefix(1))), shown(expected.from_values.map { [$0] } ?? [])),
          ("to", shown(mail.to), shown(expected.to_values)),
          ("cc", shown(mail.cc), shown(expected.cc_values)),
          ("text", collapsed(text), collapsed(expected.text)),
          ("html", collapsed(mail.html ?? ""), collapsed(expected.html)),
          (
            "attachments",
            mail.attachments.map { "\($0.filename ?? "") \($0.contentType) \($0.byteCount)" }.joined(separator: "; "),
            expected.attachments.map { "\($0.filename) \($0.content_type) \($0.payload.bytes ?? -1)" }.joined(
              separator: "; ")
          ),
        ])
    }
    agreement.report("imap-tools")
    #expect(agreement.total == 38)
    #expect(agreement.agreed >= 25)
  }

  private func shown(_ people: [EmailAddress]) -> String {
    people.map { "\($0.name ?? "") <\($0.address)>" }.joined(separator: ", ")
  }

  private func shown(_ people: [Expectation.Person]) -> String {
    people.map { "\($0.name) <\($0.email)>" }.joined(separator: ", ")
  }
}
