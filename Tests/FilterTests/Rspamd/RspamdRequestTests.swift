import NIOHTTP1
import Testing

@testable import Filter

@Suite struct RspamdRequestTests {
  @Test func `rspamd is told what the session knows`() {
    let headers = RspamdRequest.headers(Mails.filtered([], user: "bob@example.com"), password: "secret")
    #expect(headers["From"] == ["<alice@example.net>"])
    #expect(headers["Rcpt"] == ["<bob@example.com>", "<carol@example.com>"])
    #expect(headers["IP"] == ["192.0.2.7"] && headers["Helo"] == ["mx.example.net"])
    #expect(headers["MTA-Name"] == ["mail.example.com"] && headers["Queue-Id"] == ["17"])
    #expect(headers["User"] == ["bob@example.com"] && headers["Password"] == ["secret"])
    #expect(headers["Deliver-To"] == [] && headers["Pass"] == ["all"])
  }

  @Test func `what is empty is left out, but for the null reverse-path`() {
    var mail = Mails.filtered([])
    (mail.reversePath, mail.clientAddress, mail.recipients) = ("", "", ["bob@example.com"])
    let headers = RspamdRequest.headers(mail, password: nil)
    #expect(headers["From"] == ["<>"] && headers["Deliver-To"] == ["bob@example.com"])
    #expect(!headers.contains(name: "IP") && !headers.contains(name: "User") && !headers.contains(name: "Password"))
  }

  @Test func `nothing in an envelope adds a field, and there are not more fields than are read`() {
    var mail = Mails.filtered([])
    mail.heloName = "mx\r\nUser: root"
    mail.recipients = (0..<1_000).map { "user\($0)@example.com" }
    let headers = RspamdRequest.headers(mail, password: nil)
    #expect(headers["Helo"] == ["mx User: root"] && !headers.contains(name: "User"))
    #expect(headers["Rcpt"].count == RspamdRequest.maxRecipients)
  }
}
