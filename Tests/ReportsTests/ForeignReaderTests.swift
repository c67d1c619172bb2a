import Bytes
import Foundation
import TestSupport
import Testing

@testable import Reports

/// What Python's `email` makes of our reports.
@Suite struct ForeignReaderTests {
  private static let script = """
    import email, email.policy, json, sys
    mail = email.message_from_bytes(open(sys.argv[1], 'rb').read(), policy=email.policy.SMTPUTF8)
    text, status, returned = mail.iter_parts()
    groups = [dict((k, str(v)) for k, v in group.items()) for group in status.get_payload()] \\
        if status.get_content_type() == 'message/delivery-status' else []
    def all_defects(part):
        found = [type(d).__name__ for d in part.defects]
        for inner in part.iter_parts() if part.is_multipart() and part.get_content_maintype() == 'multipart' else []:
            found += all_defects(inner)
        return found
    print(json.dumps({
        'type': mail.get_content_type(), 'report': mail.get_param('report-type'), 'to': str(mail['to']),
        'auto': str(mail['auto-submitted']), 'parts': [p.get_content_type() for p in mail.iter_parts()],
        'text': text.get_content(), 'groups': groups, 'defects': all_defects(mail),
        'returned': returned.get_payload(0).as_bytes(policy=email.policy.SMTP).decode('utf-8', 'replace')
            if returned.get_content_maintype() == 'message' else returned.get_payload()}))
    """

  private struct Read: Decodable {
    let type: String
    let report: String
    let to: String
    let auto: String
    let parts: [String]
    let text: String
    let groups: [[String: String]]
    let defects: [String]
    let returned: String
  }

  private func read(_ report: ComposedReport) throws -> Read {
    try withTemporaryDirectory { directory in
      try PosixFileSystem().createFile(directory + "/report.eml", with: report.bytes)
      let process = Process()
      process.executableURL = URL(fileURLWithPath: "/usr/bin/python3")
      process.arguments = ["-c", Self.script, directory + "/report.eml"]
      let output = Pipe()
      process.standardOutput = output
      try process.run()
      let data = output.fileHandleForReading.readDataToEndOfFile()
      process.waitUntilExit()
      #expect(process.terminationStatus == 0)
      return try JSONDecoder().decode(Read.self, from: data)
    }
  }

  @Test func `it finds the parts, the fields of each recipient and the mail as it was`() throws {
    let envelope = Sample.envelope(
      recipients: [
        Sample.recipient("bob@example.com", original: "rfc822;Bob@example.com"),
        Sample.recipient("\"c d\"@example.com"),
      ], envelopeID: "QQ314159")
    let read = try read(Sample.composer.compose(Sample.report(envelope), of: Sample.mail))
    #expect(read.type == "multipart/report" && read.report == "delivery-status" && read.defects.isEmpty)
    #expect(read.to == "dan@example.net" && read.auto == "auto-replied")
    #expect(read.parts == ["text/plain", "message/delivery-status", "message/rfc822"])
    #expect(read.groups.count == 3)
    #expect(read.groups.first?["Original-Envelope-Id"] == "QQ314159")
    #expect(read.groups.dropFirst().first?["Original-Recipient"] == "rfc822; Bob@example.com")
    #expect(read.groups.last?["Final-Recipient"] == "rfc822; \"c d\"@example.com")
    #expect(read.groups.last?["Action"] == "failed" && read.groups.last?["Status"] == "5.1.1")
    #expect(Array(read.returned.utf8) == Sample.mail)
    #expect(read.text.contains("<bob@example.com>"))
  }

  @Test func `it finds the header where no more is returned`() throws {
    let read = try read(Sample.composer.compose(Sample.report(Sample.envelope(), .delayed), of: Sample.mail))
    #expect(read.parts == ["text/plain", "message/delivery-status", "text/rfc822-headers"] && read.defects.isEmpty)
    #expect(read.returned.hasPrefix("From: <dan@example.net>"))
  }

  @Test func `it finds global parts`() throws {
    let envelope = Sample.envelope(
      from: "dän@example.net", recipients: [Sample.recipient("bøb@example.com")], needsUTF8: true)
    let read = try read(
      Sample.composer.compose(Sample.report(envelope, headersOnly: true), of: Sample.bytes("Subject: ö\n\n")))
    #expect(read.parts == ["text/plain", "message/global-delivery-status", "message/global-headers"])
    #expect(read.text.contains("<bøb@example.com>"))
  }
}
