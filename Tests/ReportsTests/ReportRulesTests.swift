import MailStore
import Testing

@testable import Reports

@Suite struct ReportRulesTests {
  private static let spam = verdict(.spam)

  private static func verdict(_ action: MailVerdict.Action) -> MailVerdict {
    MailVerdict(action: action, score: 9, symbols: [], by: "test", reason: "because")
  }

  private func decide(
    _ envelope: InboundEnvelope = Sample.envelope(), _ action: DeliveryReport.Action = .failed,
    _ mail: [UInt8] = Sample.mail, verdict: MailVerdict? = nil, isAskedFor: Bool = false
  ) -> Result<[String], ReportRules.Refusal> {
    do throws(ReportRules.Refusal) {
      return .success(
        try ReportRules.recipients(
          of: envelope, Set(envelope.addresses), for: action, facts: MailFacts(mail), verdict: verdict,
          isAskedFor: isAskedFor
        ).map(\.address))
    } catch {
      return .failure(error)
    }
  }

  private static let occasions: [(InboundRecipient.Occasions?, [DeliveryReport.Action])] = [
    (nil, [.failed, .delayed]), ([], []), (.success, [.delivered]), (.failure, [.failed]), (.delay, [.delayed]),
    ([.success, .failure], [.failed, .delivered]), ([.success, .failure, .delay], [.failed, .delayed, .delivered]),
  ]

  /// RFC 3461 §4.1; without NOTIFY failures and delays are told.
  @Test(arguments: occasions)
  func `a recipient is reported on as NOTIFY says`(
    occasions: InboundRecipient.Occasions?, actions: [DeliveryReport.Action]
  ) {
    for action in DeliveryReport.Action.allCases {
      let envelope = Sample.envelope(recipients: [Sample.recipient("bob@example.com", occasions)])
      #expect(
        decide(envelope, action) == (actions.contains(action) ? .success(["bob@example.com"]) : .failure(.notWanted)))
    }
  }

  @Test func `one report names all whom it is about, each once, and nobody else`() throws {
    let envelope = Sample.envelope(recipients: [
      Sample.recipient("team@example.com", user: 1, original: "rfc822;t@example.com"),
      Sample.recipient("team@example.com", user: 2, original: "rfc822;t@example.com"),
      Sample.recipient("never@example.com", []), Sample.recipient("there@example.com"),
      Sample.recipient("bob@example.com", .failure),
    ])
    let named = try ReportRules.recipients(
      of: envelope, ["team@example.com", "never@example.com", "bob@example.com"], for: .failed,
      facts: MailFacts(Sample.mail), verdict: nil)
    #expect(
      named == [
        DeliveryReport.Recipient(address: "team@example.com", originalRecipient: "rfc822;t@example.com"),
        DeliveryReport.Recipient(address: "bob@example.com"),
      ])
  }

  @Test(arguments: DeliveryReport.Action.allCases, [false, true])
  func `the null reverse-path never gets a report, not even where an operator asks`(
    action: DeliveryReport.Action, isAskedFor: Bool
  ) {
    let all: InboundRecipient.Occasions = [.success, .failure, .delay]
    let envelope = Sample.envelope(from: "", recipients: [Sample.recipient("bob@example.com", all)])
    #expect(decide(envelope, action, isAskedFor: isAskedFor) == .failure(.nullSender))
  }

  @Test func `a report that we made is never reported on`() {
    let report = Sample.composer.compose(Sample.report(), of: Sample.mail)
    #expect(decide(Sample.envelope(from: ""), .failed, report.bytes) == .failure(.nullSender))
    // And where somebody sends it on with a sender.
    #expect(decide(Sample.envelope(), .failed, report.bytes) == .failure(.isReport))
  }

  @Test(arguments: [
    "multipart/report; report-type=delivery-status; boundary=a",
    "Multipart/Report;\r\n\treport-type=\"Disposition-Notification\"",
  ])
  func `a mail that says that it is a report is not reported on`(type: String) {
    let mail = Array("Content-Type: \(type)\r\n\r\n".utf8)
    #expect(decide(Sample.envelope(), .failed, mail, isAskedFor: true) == .failure(.isReport))
  }

  @Test(arguments: [
    "Auto-Submitted: auto-replied", "Precedence: bulk", "List-Id: <a.example.org>",
    "Content-Type: multipart/report; report-type=tlsrpt",
  ])
  func `robots and lists are owed reports as people are`(field: String) {
    #expect(decide(Sample.envelope(), .failed, Array("\(field)\r\n\r\n".utf8)) == .success(["bob@example.com"]))
  }

  @Test(arguments: [(100, true), (101, false)])
  func `a mail that goes round in circles is not reported on`(hops: Int, isReported: Bool) {
    let mail = Array(String(repeating: "Received: from a by b; now\r\n", count: hops).utf8)
    #expect(decide(Sample.envelope(), .failed, mail) == (isReported ? .success(["bob@example.com"]) : .failure(.loop)))
  }

  @Test(arguments: [
    (MailVerdict.Action.deliver, true), (.spam, false), (.quarantine, false),
  ])
  func `spam and worse make no reports to those whom they name as senders`(
    action: MailVerdict.Action, isReported: Bool
  ) {
    let verdict = Self.verdict(action)
    #expect(decide(verdict: verdict) == (isReported ? .success(["bob@example.com"]) : .failure(.spam)))
    #expect(decide(verdict: verdict, isAskedFor: true) == .success(["bob@example.com"]))
  }

  @Test func `who wants to hear of nothing hears of nothing, though an operator asks`() {
    let envelope = Sample.envelope(recipients: [Sample.recipient("bob@example.com", [])])
    #expect(decide(envelope, isAskedFor: true) == .failure(.notWanted))
  }
}
