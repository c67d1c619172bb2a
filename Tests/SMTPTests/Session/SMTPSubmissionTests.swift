import SMTP
import Testing

/// Where users submit mail (RFC 6409): AUTH (RFC 4954), and what comes before it.
struct SMTPSubmissionTests {
  @Test(arguments: submissionDialogues, Chunking.all)
  func `a dialogue within TLS has the same course however it is cut`(dialogue: Dialogue, chunking: Chunking) {
    for answersLate in [false, true] {
      dialogue.run(chunking, answersLate: answersLate, with: ScriptedServer(.submission(.implicit)))
    }
  }

  @Test func `in clear AUTH is not offered, and mail needs STARTTLS first`() {
    var server = ScriptedServer(.submission(.offered))
    server.handle(.connected)
    let hello = server.say("EHLO client.example.org")
    #expect(hello.contains("S: 250-STARTTLS") && !hello.contains { $0.contains("AUTH") })
    #expect(server.say("AUTH PLAIN AHVzZXIAcGVuY2ls") == ["S: 538 5.7.11 say STARTTLS first: encryption required"])
    for command in ["MAIL FROM:<user@example.com>", "VRFY x", "HELP", "DATA"] {
      #expect(server.say(command) == ["S: 530 5.7.0 say STARTTLS first"])
    }
    #expect(server.send("BDAT 6 LAST\r\nNOOP\r\n") == ["S: 530 5.7.0 say STARTTLS first"], "its content is no command")
    for command in ["NOOP", "RSET"] { #expect(server.say(command) == ["S: 250 2.0.0 OK"]) }
    _ = server.say("STARTTLS")
    #expect(server.say("AUTH PLAIN AHVzZXIAcGVuY2ls") == ["S: 503 5.5.1 say EHLO first"])
    #expect(server.say("EHLO client.example.org").contains("S: 250-AUTH SCRAM-SHA-256 PLAIN LOGIN"))
    #expect(server.say("AUTH PLAIN AHVzZXIAcGVuY2ls").last == "S: 235 2.7.0 authentication succeeded")
    #expect(server.session.identity?.name == "user@example.com")
  }

  @Test func `an AUTH put behind STARTTLS in clear is never performed`() {
    var server = ScriptedServer(.submission(.offered))
    server.handle(.connected)
    _ = server.say("EHLO client.example.org")
    #expect(
      server.send("STARTTLS\r\nEHLO m\r\nAUTH PLAIN AHVzZXIAcGVuY2ls\r\nMAIL FROM:<user@example.com>\r\n")
        == ["S: 220 2.0.0 ready for TLS", "T"])
    #expect(server.session.identity == nil)
    _ = server.say("EHLO client.example.org")
    #expect(server.say("MAIL FROM:<user@example.com>") == ["S: 530 5.7.0 authentication required"])
  }

  @Test(arguments: [SMTPConfiguration.Dialect.smtp, .lmtp])
  func `at other doors there is no AUTH, within TLS neither`(dialect: SMTPConfiguration.Dialect) {
    var server = ScriptedServer(SMTPConfiguration(hostName: "mx.example.com", tls: .implicit, dialect: dialect))
    server.handle(.connected)
    let hello = server.say(dialect == .lmtp ? "LHLO c" : "EHLO c")
    #expect(!hello.contains { $0.contains("AUTH") })
    #expect(server.say("AUTH PLAIN AHVzZXIAcGVuY2ls") == ["S: 502 5.5.1 command not implemented"])
    #expect(server.say("AUTH") == ["S: 502 5.5.1 command not implemented"])
    for parameter in ["AUTH=<>", "AUTH=bad"] {
      #expect(server.say("MAIL FROM:<> \(parameter)") == ["S: 555 5.5.4 parameter not recognised"])
    }
    #expect(server.say("AUTH PLAIN " + String(repeating: "A", count: 1_100)) == ["S: 500 5.5.2 line too long"])
  }

  @Test func `mail of somebody who is known says so where it says how it came`() {
    for (parameter, name) in [("", "ESMTPSA"), (" SMTPUTF8", "UTF8SMTPSA")] {
      var server = authenticated()
      let lines = server.send(
        "MAIL FROM:<user@example.com>\(parameter)\r\nRCPT TO:<bob@example.com>\r\nBDAT 1 LAST\r\nx")
      #expect(lines.contains { $0.hasPrefix("M: \(name) client.example.org <user@example.com> to <bob@example.com>") })
    }
  }

  @Test func `who has failed often is sent away, whatever comes next`() {
    var server = ScriptedServer(.submission(.implicit))
    server.handle(.connected)
    _ = server.say("EHLO c")
    for _ in 0..<4 {
      #expect(server.say("AUTH PLAIN AHVzZXIAd3Jvbmc=").last == "S: 535 5.7.8 authentication credentials invalid")
    }
    #expect(
      server.say("AUTH PLAIN AHVzZXIAd3Jvbmc=").suffix(3) == [
        "S: 535 5.7.8 authentication credentials invalid", "S: 421 4.7.0 too many failed logins, come back later", "X",
      ])
  }

  @Test func `a failure is told when it is due, and nothing is heard before`() {
    var server = ScriptedServer(.submission(.implicit))
    server.handle(.connected)
    _ = server.say("EHLO c")
    server.answersLate = true
    server.handle(.received(Array("AUTH PLAIN AHVzZXIAd3Jvbmc=\r\nNOOP\r\n".utf8)))
    server.handle(.authenticationAnswered(.refused))
    #expect(server.transcript.last == "A: PLAIN failure user")
    #expect(!server.session.wantsInput)
    server.handle(.authenticationAnswered(.refused))
    server.handle(.refusalDue)
    #expect(
      server.transcript.suffix(2) == ["S: 535 5.7.8 authentication credentials invalid", "S: 250 2.0.0 OK"])
  }

  @Test func `somebody who does not exist is challenged as others are, and can prove nothing`() {
    var server = ScriptedServer(.submission(.implicit))
    server.handle(.connected)
    _ = server.say("EHLO c")
    let challenge = server.say("AUTH SCRAM-SHA-256 biwsbj1ub2JvZHkscj1yT3ByTkdmd0ViZVJXZ2JORWtxTw==")
    #expect(challenge.first?.hasPrefix("S: 334 cj1yT3ByTkdmd0ViZVJXZ2JORWtxTyVodllEc") == true)
    #expect(server.say(scramLast).last == "S: 535 5.7.8 authentication credentials invalid")
  }

  @Test(arguments: [
    (12_288, "S: 501 5.5.2 not base64, or not what the mechanism expects"),
    (12_289, "S: 500 5.5.6 line of authentication too long"),
  ])
  func `a line of authentication has 12288 octets at most`(byteCount: Int, answer: String) {
    for command in ["AUTH PLAIN ", ""] {
      var server = ScriptedServer(.submission(.implicit))
      server.handle(.connected)
      _ = server.say("EHLO c")
      if command.isEmpty { _ = server.say("AUTH PLAIN") }
      let line = command + String(repeating: "A", count: byteCount - 2 - command.utf8.count)
      #expect(server.say(line).last == answer)
      #expect(server.say("NOOP") == ["S: 250 2.0.0 OK"])
    }
  }

  @Test func `base64 without end ends the connection`() {
    for command in ["AUTH PLAIN ", "AUTH LOGIN\r\n"] {
      var server = ScriptedServer(.submission(.implicit))
      server.handle(.connected)
      _ = server.say("EHLO c")
      _ = server.send(command)
      for _ in 0..<200 where !server.isClosed { _ = server.send(String(repeating: "QUJD", count: 256)) }
      #expect(server.transcript.contains("S: 500 5.5.6 line of authentication too long"))
      #expect(server.transcript.suffix(2) == ["S: 421 4.7.0 too many errors", "X"])
    }
  }

  @Test func `what is no AUTH is no longer than before where AUTH may be`() {
    var server = authenticated()
    let submitter = String(repeating: "x", count: 240) + "@" + String(repeating: "d", count: 8)
    #expect(server.say("MAIL FROM:<user@example.com> AUTH=\(submitter)") == ["S: 250 2.1.0 sender OK"])
    #expect(server.say("NOOP " + String(repeating: "x", count: 1_174)) == ["S: 250 2.0.0 OK"])
    #expect(server.say("NOOP " + String(repeating: "x", count: 1_175)) == ["S: 500 5.5.2 line too long"])
  }

  @Test(arguments: [SMTPSession.Event.shutdown, .idleTimeout])
  func `an exchange that is under way ends with the session`(event: SMTPSession.Event) {
    var server = ScriptedServer(.submission(.implicit))
    server.handle(.connected)
    _ = server.say("EHLO c")
    _ = server.say("AUTH LOGIN")
    server.handle(event)
    #expect(server.isClosed)
  }

  @Test func `rules for the names of servers do not count for programs of people`() {
    var server = ScriptedServer(.submission(.implicit), rules: ClientRules(hello: .fullyQualified))
    server.handle(.connected)
    #expect(server.say("EHLO laptop").last == "S: 250 ENHANCEDSTATUSCODES")
  }

  private func authenticated() -> ScriptedServer {
    var server = ScriptedServer(.submission(.implicit))
    server.handle(.connected)
    _ = server.say("EHLO client.example.org")
    _ = server.say("AUTH PLAIN AHVzZXIAcGVuY2ls")
    return server
  }
}

/// RFC 7677 §3's, in base64.
private let scramFirst = "biwsbj11c2VyLHI9ck9wck5HZndFYmVSV2diTkVrcU8="
private let scramAnswer =
  "cj1yT3ByTkdmd0ViZVJXZ2JORWtxTyVodllEcFdVYTJSYVRDQWZ1eEZJbGopaE5sRiRrMCxzPVcyMlphSjBTTlk3c29Fc1VFamI2Z1E9PSxpPTQwOTY="
private let scramLast =
  "Yz1iaXdzLHI9ck9wck5HZndFYmVSV2diTkVrcU8laHZZRHBXVWEyUmFUQ0FmdXhGSWxqKWhObEYkazAscD1kSHpiWmFwV0lrNGpVaE4rVXRlOXl0YWc5empmTUhnc3FtbWl6N0FuZFZRPQ=="
private let scramLastWithAnotherNonce =
  "Yz1iaXdzLHI9ck9wck5HZndFYmVSV2diTkVrcU8laHZZRHBXVWEyUmFUQ0FmdXhGSWxqKWhObEYkazEscD1kSHpiWmFwV0lrNGpVaE4rVXRlOXl0YWc5empmTUhnc3FtbWl6N0FuZFZRPQ=="
private let scramSignature = "dj02cnJpVFJCaTIzV3BSUi93dHVwK21NaFVaVW4vZEI1bkxUSlJzamw5NUc0PQ=="

private let submissionDialogues: [Dialogue] = [
  .submitting(
    "PLAIN with an initial response, mail, and AUTH again",
    """
    C: AUTH PLAIN AHVzZXIAcGVuY2ls
    A: PLAIN success user
    S: 235 2.7.0 authentication succeeded
    C: AUTH PLAIN AHVzZXIAcGVuY2ls
    S: 503 5.5.1 authenticated already
    C: MAIL FROM:<user@example.com>
    S: 250 2.1.0 sender OK
    C: AUTH PLAIN AHVzZXIAcGVuY2ls
    S: 503 5.5.1 not within a mail transaction
    C: RCPT TO:<bob@example.com>
    S: 250 2.1.5 recipient OK
    C: RCPT TO:<bob@example.net>
    S: 550 5.7.1 relaying denied: no mail is taken here for that domain
    L| x
    M: ESMTPSA client.example.org <user@example.com> to <bob@example.com> "x"
    S: 250 2.0.0 queued as Q1
    C: MAIL FROM:<foreign@example.com>
    S: 553 5.7.1 that sender's address is none of yours
    C: RCPT TO:<bob@example.com>
    S: 503 5.5.1 say MAIL first
    C: EHLO client.example.org
    S: 250-mx.example.com
    S: 250-PIPELINING
    S: 250-SIZE 1000
    S: 250-8BITMIME
    S: 250-SMTPUTF8
    S: 250-CHUNKING
    S: 250-AUTH SCRAM-SHA-256 PLAIN LOGIN
    S: 250 ENHANCEDSTATUSCODES
    C: MAIL FROM:<>
    S: 250 2.1.0 sender OK
    """),
  .submitting(
    "PLAIN with a challenge of nothing, in any case",
    """
    C: auth plain
    S: 334 
    C: AHVzZXIAcGVuY2ls
    A: PLAIN success user
    S: 235 2.7.0 authentication succeeded
    """),
  .submitting(
    "LOGIN in two answers, and with an initial response",
    """
    C: AUTH LOGIN
    S: 334 VXNlcm5hbWU6
    C: dXNlcg==
    S: 334 UGFzc3dvcmQ6
    C: dXNlcg==
    A: LOGIN failure user
    S: 535 5.7.8 authentication credentials invalid
    C: AUTH LOGIN dXNlcg==
    S: 334 UGFzc3dvcmQ6
    C: cGVuY2ls
    A: LOGIN success user
    S: 235 2.7.0 authentication succeeded
    """),
  .submitting(
    "SCRAM-SHA-256 as in RFC 7677",
    """
    C: AUTH SCRAM-SHA-256 \(scramFirst)
    S: 334 \(scramAnswer)
    C: \(scramLast)
    S: 334 \(scramSignature)
    C: 
    A: SCRAM-SHA-256 success user
    S: 235 2.7.0 authentication succeeded
    """),
  .submitting(
    "SCRAM-SHA-256 with a wrong nonce, then without an initial response",
    """
    C: AUTH SCRAM-SHA-256 \(scramFirst)
    S: 334 \(scramAnswer)
    C: \(scramLastWithAnotherNonce)
    A: SCRAM-SHA-256 failure user
    S: 535 5.7.8 authentication credentials invalid
    C: AUTH SCRAM-SHA-256
    S: 334 
    C: \(scramFirst)
    S: 334 \(scramAnswer)
    C: \(scramLast)
    S: 334 \(scramSignature)
    C: dXNlcg==
    A: SCRAM-SHA-256 malformed user
    S: 501 5.5.2 not base64, or not what the mechanism expects
    C: AUTH SCRAM-SHA-256 =
    A: SCRAM-SHA-256 malformed -
    S: 501 5.5.2 not base64, or not what the mechanism expects
    """),
  .submitting(
    "what is refused before anybody is known",
    """
    C: MAIL FROM:<user@example.com>
    S: 530 5.7.0 authentication required
    C: RCPT TO:<bob@example.com>
    S: 530 5.7.0 authentication required
    C: DATA
    S: 530 5.7.0 authentication required
    B| QUIT
    S: 530 5.7.0 authentication required
    C: VRFY bob
    S: 530 5.7.0 authentication required
    C: EXPN bob
    S: 530 5.7.0 authentication required
    C: HELP
    S: 530 5.7.0 authentication required
    C: NOOP
    S: 250 2.0.0 OK
    C: RSET
    S: 250 2.0.0 OK
    C: QUIT
    S: 221 2.0.0 bye
    X
    """),
  .submitting(
    "AUTH that makes no sense",
    """
    C: AUTH
    S: 501 5.5.4 syntax: AUTH mechanism [initial-response]
    C: AUTH 
    S: 501 5.5.4 syntax: AUTH mechanism [initial-response]
    C: AUTH CRAM-MD5
    S: 504 5.5.4 mechanism not offered
    C: AUTH SCRAM-SHA-256-PLUS
    S: 504 5.5.4 mechanism not offered
    C: AUTH ABCDEFGHIJKLMNOPQRSTU
    S: 501 5.5.4 syntax: AUTH mechanism [initial-response]
    C: AUTH PLAIN AHVzZXIAcGVuY2l
    A: PLAIN malformed -
    S: 501 5.5.2 not base64, or not what the mechanism expects
    C: AUTH PLAIN AHVzZXIAcGVuY2ls AHVz
    A: PLAIN malformed -
    S: 501 5.5.2 not base64, or not what the mechanism expects
    C: AUTH PLAIN =
    A: PLAIN malformed -
    S: 501 5.5.2 not base64, or not what the mechanism expects
    C: AUTH PLAIN AHVzZXIAcGVuAGNpbA==
    A: PLAIN malformed -
    S: 501 5.5.2 not base64, or not what the mechanism expects
    """),
  .submitting(
    "an exchange is cancelled, or broken off by a line that is none of its own",
    """
    C: AUTH LOGIN
    S: 334 VXNlcm5hbWU6
    C: *
    A: LOGIN cancelled -
    S: 501 5.7.0 authentication cancelled
    C: AUTH LOGIN dXNlcg==
    S: 334 UGFzc3dvcmQ6
    C: RSET now
    A: LOGIN malformed user
    S: 501 5.5.2 not base64, or not what the mechanism expects
    C: AUTH LOGIN
    S: 334 VXNlcm5hbWU6
    C| dXNl\\ncg==\\r\\n
    A: LOGIN malformed -
    S: 500 5.5.2 a line ends with CR LF and holds neither alone
    C: AUTH PLAIN
    S: 334 
    C: =
    A: PLAIN malformed -
    S: 501 5.5.2 not base64, or not what the mechanism expects
    C: NOOP
    S: 250 2.0.0 OK
    """),
  .submitting(
    "nobody can tell, or there were too many failures before",
    """
    C: AUTH PLAIN AGJ1c3kAeA==
    A: PLAIN unavailable busy
    S: 454 4.7.0 temporary authentication failure, try later
    C: AUTH PLAIN AGxvY2tlZAB4
    A: PLAIN throttled locked
    S: 454 4.7.0 temporary authentication failure, try later
    C: AUTH PLAIN AGZsb29kAHg=
    A: PLAIN throttled flood
    S: 421 4.7.0 too many failed logins, come back later
    X
    """),
  .submitting(
    "nobody acts for somebody else",
    """
    C: AUTH PLAIN b3RoZXIAdXNlcgBwZW5jaWw=
    A: PLAIN failure user
    S: 535 5.7.8 authentication credentials invalid
    """),
  .submitting(
    "who submitted a mail first may be said, in xtext",
    """
    C: AUTH PLAIN AHVzZXIAcGVuY2ls
    A: PLAIN success user
    S: 235 2.7.0 authentication succeeded
    C: MAIL FROM:<user@example.com> AUTH=<>
    S: 250 2.1.0 sender OK
    C: RSET
    S: 250 2.0.0 OK
    C: MAIL FROM:<user@example.com> AUTH=e+3Dmc2@example.com SIZE=5
    S: 250 2.1.0 sender OK
    C: RSET
    S: 250 2.0.0 OK
    C: MAIL FROM:<user@example.com> AUTH=e=mc2@example.com
    S: 501 5.5.4 parameter repeated or with a value out of its range
    C: MAIL FROM:<user@example.com> AUTH=user
    S: 501 5.5.4 parameter repeated or with a value out of its range
    C: MAIL FROM:<user@example.com> AUTH=+0D+0A@example.com
    S: 501 5.5.4 parameter repeated or with a value out of its range
    C: MAIL FROM:<user@example.com> AUTH
    S: 501 5.5.4 parameter repeated or with a value out of its range
    C: MAIL FROM:<user@example.com> AUTH=<> AUTH=<>
    S: 501 5.5.4 parameter repeated or with a value out of its range
    """),
]

extension SMTPConfiguration {
  fileprivate static func submission(_ tls: TLSUse) -> SMTPConfiguration {
    SMTPConfiguration(hostName: "mx.example.com", maxMessageSize: 1_000, tls: tls, isSubmission: true)
  }
}
