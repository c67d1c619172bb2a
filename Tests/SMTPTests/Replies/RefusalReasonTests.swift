import Testing

@testable import SMTP

struct RefusalReasonTests {
  @Test func `a refusal has a reason, and nothing else has`() {
    #expect(SMTPReply.unknownRecipient.refusalReason == .unknownRecipient)
    #expect(SMTPReply.relayingDenied.refusalReason == .relaying)
    #expect(SMTPReply.tooBig(limit: 7).refusalReason == .tooBig)
    #expect(SMTPReply.tooBig(limit: 8).refusalReason == .tooBig)
    #expect(SMTPReply.unwelcome.refusalReason == .blockedNetwork)
    #expect(SMTPReply.networkBlocked.refusalReason == .blockedNetwork)
    #expect(SMTPReply.tooManyMailsOfClient.refusalReason == .mailRate)
    #expect(SMTPReply.tooManyRecipientsOfClient.refusalReason == .recipientRate)
    #expect(SMTPReply.tooManyUnknownRecipients.refusalReason == .harvesting)
    #expect(SMTPReply.tooManyMailsWaiting.refusalReason == .queue)
    #expect(SMTPReply.queueFull.refusalReason == .queue)
    #expect(SMTPReply.unknownCommand.refusalReason == .commands)
    #expect(SMTPReply.badHelloName.withoutStatus.refusalReason == .helloName)
    #expect(SMTPReply.unqualifiedHelloName.refusalReason == .helloName)
    #expect(SMTPReply.contentRejected("a virus").refusalReason == .filtered)
    #expect(SMTPReply.cannotCheck.refusalReason == .unchecked)
    #expect(SMTPReply.overQuota.refusalReason == .overQuota)
    #expect(SMTPReply.greylisted.refusalReason == .greylisted)
    #expect(SMTPReply.listed(zones: ["x.example"], reason: nil, isPermanent: true).refusalReason == .dnsbl)
    for reply in [SMTPReply.ok, .bye, .startData, .queued(as: "1"), .cannotVerify] {
      #expect(reply.refusalReason == nil)
    }
  }

  @Test func `of a filter's reason only printable ASCII is said, and not without end`() {
    let reply = SMTPReply.contentRejected("Eicar\r\n250 2.0.0 ü\u{0}" + String(repeating: "x", count: 1_000))
    #expect(reply.lines == ["the mail's content is refused: Eicar??250 2.0.0 ??" + String(repeating: "x", count: 181)])
    #expect(reply.wireForm.hasPrefix("554 5.7.1 the mail's content is refused: Eicar??250"))
  }

  @Test func `whatever lists are called and say, a reply is one line of 512 octets`() {
    let zones = (0..<20).map { "list-\($0)." + String(repeating: "x", count: 150) + ".example" }
    for isPermanent in [true, false] {
      let reply = SMTPReply.listed(zones: zones, reason: String(repeating: "y", count: 200), isPermanent: isPermanent)
      #expect(reply.wireForm.utf8.count <= 512 && reply.lines.count == 1)
      #expect(reply.wireForm.hasPrefix(isPermanent ? "550 5.7.1 your" : "451 4.7.1 your"))
    }
  }

  @Test func `reasons are named as labels are`() {
    for reason in RefusalReason.allCases { #expect(reason.rawValue.wholeMatch(of: /[a-z_]+/) != nil) }
  }
}
