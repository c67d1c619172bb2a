import SMTP
import Testing

struct SMTPDialogueTests {
  @Test(arguments: helloDialogues + transactionDialogues + refusalDialogues, Chunking.all)
  func `a dialogue goes as written, however its bytes are cut`(dialogue: Dialogue, chunking: Chunking) {
    dialogue.run(chunking, answersLate: false)
  }

  @Test(arguments: helloDialogues + transactionDialogues + refusalDialogues, Chunking.all)
  func `a dialogue goes as written when lookups and the store are slow`(dialogue: Dialogue, chunking: Chunking) {
    dialogue.run(chunking, answersLate: true)
  }
}

private let helloDialogues: [Dialogue] = [
  .afterHello(
    "EHLO, NOOP, HELP, VRFY, RSET, QUIT",
    """
    C: NOOP
    S: 250 2.0.0 OK
    C: NOOP with words
    S: 250 2.0.0 OK
    C: HELP MAIL
    S: 214 2.0.0 EHLO HELO MAIL RCPT DATA BDAT RSET NOOP VRFY HELP QUIT; see RFC 5321
    C: VRFY bob
    S: 252 2.0.0 cannot say whether the user exists; send the mail to find out
    C: VRFY
    S: 501 5.5.4 argument missing
    C: EXPN list
    S: 502 5.5.1 command not implemented
    C: RSET
    S: 250 2.0.0 OK
    C: quit
    S: 221 2.0.0 bye
    X
    """),
  Dialogue(
    "HELO, the protocol without extensions",
    """
    S: 220 mx.example.com ESMTP Maildex
    C: HELO [192.0.2.7]
    S: 250 mx.example.com
    C: MAIL FROM:<alice@example.org>
    S: 250 2.1.0 sender OK
    C: RCPT TO:<bob@example.com>
    S: 250 2.1.5 recipient OK
    C: DATA
    S: 354 send the mail, end with CR LF . CR LF
    C: hello
    C: .
    M: SMTP [192.0.2.7] <alice@example.org> to <bob@example.com> "hello\\r\\n"
    S: 250 2.0.0 queued as Q1
    C: MAIL FROM:<alice@example.org> SMTPUTF8
    S: 555 5.5.4 parameter not recognised
    """),
  Dialogue(
    "a hello without a name, and its answers carry no enhanced status",
    """
    S: 220 mx.example.com ESMTP Maildex
    C: EHLO
    S: 501 a host name or address literal is needed
    C: HELO
    S: 501 a host name or address literal is needed
    C: EHLO two names
    S: 501 a host name or address literal is needed
    C: MAIL FROM:<alice@example.org>
    S: 503 5.5.1 say EHLO first
    C: RCPT TO:<bob@example.com>
    S: 503 5.5.1 say EHLO first
    C: DATA
    S: 503 5.5.1 say EHLO first
    """),
  Dialogue(
    "a hello in a line that is refused, whose answers carry no enhanced status either",
    """
    S: 220 mx.example.com ESMTP Maildex
    C| EHLO client.example.org\\n\\r\\n
    S: 500 a line ends with CR LF and holds neither alone
    C| helo\\r \\r\\n
    S: 500 a line ends with CR LF and holds neither alone
    C: EHLO \(String(repeating: "x", count: 1_100))
    S: 500 line too long
    C: EHLO \\0
    S: 500 control character in a command
    C: HELP \\0
    S: 500 5.5.2 control character in a command
    """),
  .afterHello(
    "EHLO within a transaction ends it",
    """
    C: MAIL FROM:<alice@example.org>
    S: 250 2.1.0 sender OK
    C: RCPT TO:<bob@example.com>
    S: 250 2.1.5 recipient OK
    C: HELO other.example.org
    S: 250 mx.example.com
    C: DATA
    S: 503 5.5.1 say MAIL first
    C: MAIL FROM:<alice@example.org>
    S: 250 2.1.0 sender OK
    """),
  .afterHello(
    "white space at the end of a line is forgiven, verbs in any case",
    """
    C: noop \\t
    S: 250 2.0.0 OK
    C: Mail From:<alice@example.org> \\t
    S: 250 2.1.0 sender OK
    C: rcpt to:<bob@example.com>
    S: 250 2.1.5 recipient OK
    C: DATA 
    S: 354 send the mail, end with CR LF . CR LF
    C: .
    M: ESMTP client.example.org <alice@example.org> to <bob@example.com> ""
    S: 250 2.0.0 queued as Q1
    """),
]

private let transactionDialogues: [Dialogue] = [
  .inData(
    "two mails in one connection, dots doubled by the client",
    """
    C: Subject: one
    C: 
    C: ..
    C: ...two
    C: .single
    C: a.b.
    C: .
    M: ESMTP client.example.org <alice@example.org> to <bob@example.com> \
    "Subject: one\\r\\n\\r\\n.\\r\\n..two\\r\\nsingle\\r\\na.b.\\r\\n"
    S: 250 2.0.0 queued as Q1
    C: MAIL FROM:<> BODY=8BITMIME SIZE=100
    S: 250 2.1.0 sender OK
    C: RCPT TO:<carol@example.com>
    S: 250 2.1.5 recipient OK
    C: RCPT TO:<Postmaster>
    S: 250 2.1.5 recipient OK
    C: RCPT TO:<postmaster@example.com>
    S: 250 2.1.5 recipient OK
    C: DATA
    S: 354 send the mail, end with CR LF . CR LF
    C: gr\\xc3\\xbc\\xff\\0
    C: .
    M: ESMTP client.example.org <> to <carol@example.com> <Postmaster> <postmaster@example.com> 8BIT \
    "gr\\xc3\\xbc\\xff\\0\\r\\n"
    S: 250 2.0.0 queued as Q2
    """),
  .afterHello(
    "a recipient named twice is one recipient",
    """
    C: MAIL FROM:<alice@example.org>
    S: 250 2.1.0 sender OK
    C: RCPT TO:<bob@example.com>
    S: 250 2.1.5 recipient OK
    C: RCPT TO:<"bob"@example.com>
    S: 250 2.1.5 recipient OK
    C: DATA
    S: 354 send the mail, end with CR LF . CR LF
    C: .
    M: ESMTP client.example.org <alice@example.org> to <bob@example.com> ""
    S: 250 2.0.0 queued as Q1
    """),
  .afterHello(
    "addresses outside ASCII with SMTPUTF8",
    """
    C: MAIL FROM:<j\\xc3\\xb6rg@m\\xc3\\xbcller.example> SMTPUTF8
    S: 250 2.1.0 sender OK
    C: RCPT TO:<\\xeb\\xb0\\xa5@example.com>
    S: 250 2.1.5 recipient OK
    C: DATA
    S: 354 send the mail, end with CR LF . CR LF
    C: .
    M: UTF8SMTP client.example.org <jörg@müller.example> to <밥@example.com> UTF8 ""
    S: 250 2.0.0 queued as Q1
    C: MAIL FROM:<j\\xc3\\xb6rg@example.org>
    S: 553 5.6.7 a non-ASCII address needs MAIL with SMTPUTF8
    C: MAIL FROM:<j\\xff@example.org> SMTPUTF8
    S: 501 5.1.7 the sender is no address in RFC 5321's form
    C: MAIL FROM:<alice@example.org>
    S: 250 2.1.0 sender OK
    C: RCPT TO:<j\\xc3\\xb6rg@example.com>
    S: 553 5.6.7 a non-ASCII address needs MAIL with SMTPUTF8
    """),
  .afterHello(
    "RSET forgets sender and recipients",
    """
    C: MAIL FROM:<alice@example.org>
    S: 250 2.1.0 sender OK
    C: RCPT TO:<bob@example.com>
    S: 250 2.1.5 recipient OK
    C: RSET
    S: 250 2.0.0 OK
    C: RCPT TO:<bob@example.com>
    S: 503 5.5.1 say MAIL first
    C: MAIL FROM:<carol@example.org>
    S: 250 2.1.0 sender OK
    C: DATA
    S: 554 5.5.1 no valid recipients
    C: RCPT TO:<dave@example.com>
    S: 250 2.1.5 recipient OK
    C: DATA
    S: 354 send the mail, end with CR LF . CR LF
    C: .
    M: ESMTP client.example.org <carol@example.org> to <dave@example.com> ""
    S: 250 2.0.0 queued as Q1
    """),
]

private let refusalDialogues: [Dialogue] = [
  .afterHello(
    "unknown recipients beside a good one",
    """
    C: MAIL FROM:<alice@example.org>
    S: 250 2.1.0 sender OK
    C: RCPT TO:<nobody@example.com>
    S: 550 5.1.1 no such user here
    C: RCPT TO:<bob@elsewhere.example>
    S: 550 5.7.1 relaying denied: no mail is taken here for that domain
    C: RCPT TO:<bob@example.com>
    S: 250 2.1.5 recipient OK
    C: DATA
    S: 354 send the mail, end with CR LF . CR LF
    C: x
    C: .
    M: ESMTP client.example.org <alice@example.org> to <bob@example.com> "x\\r\\n"
    S: 250 2.0.0 queued as Q1
    """),
  .afterHello(
    "commands out of order",
    """
    C: RCPT TO:<bob@example.com>
    S: 503 5.5.1 say MAIL first
    C: DATA
    S: 503 5.5.1 say MAIL first
    C: MAIL FROM:<alice@example.org>
    S: 250 2.1.0 sender OK
    C: MAIL FROM:<alice@example.org>
    S: 503 5.5.1 a mail transaction is open already
    C: DATA now
    S: 501 5.5.4 this command takes no argument
    C: RSET now
    S: 501 5.5.4 this command takes no argument
    C: QUIT now
    S: 501 5.5.4 this command takes no argument
    C: STARTTLS
    S: 502 5.5.1 command not implemented
    C: FOO
    S: 500 5.5.2 command not recognised
    C: 
    S: 500 5.5.2 command not recognised
    """),
  .afterHello(
    "parameters that are not ours, malformed or said twice",
    """
    C: MAIL FROM:<alice@example.org> AUTH=<>
    S: 555 5.5.4 parameter not recognised
    C: MAIL FROM:<alice@example.org> SIZE=1 SIZE=2
    S: 501 5.5.4 parameter repeated or with a value out of its range
    C: MAIL FROM:<alice@example.org> BODY=BINARYMIME
    S: 501 5.5.4 parameter repeated or with a value out of its range
    C: MAIL FROM:<alice@example.org> SMTPUTF8=1
    S: 501 5.5.4 parameter repeated or with a value out of its range
    C: MAIL FROM:<alice@example.org>SIZE=1
    S: 501 5.5.4 parameter repeated or with a value out of its range
    C: MAIL FROM:<alice@example.org> size=1000 body=7bit
    S: 250 2.1.0 sender OK
    C: RCPT TO:<bob@example.com> FOO=BAR
    S: 555 5.5.4 parameter not recognised
    """),
  .afterHello(
    "a declared size over the limit",
    """
    C: MAIL FROM:<alice@example.org> SIZE=1001
    S: 552 5.3.4 the limit is 1000 bytes
    C: MAIL FROM:<alice@example.org> SIZE=99999999999999999999
    S: 552 5.3.4 the limit is 1000 bytes
    C: MAIL FROM:<alice@example.org> SIZE=999999999999999999999
    S: 501 5.5.4 parameter repeated or with a value out of its range
    C: MAIL FROM:<alice@example.org> SIZE=
    S: 501 5.5.4 parameter repeated or with a value out of its range
    C: MAIL FROM:<alice@example.org> SIZE=-1
    S: 501 5.5.4 parameter repeated or with a value out of its range
    """),
  .inData(
    "a full disk is temporary and the session goes on",
    """
    C: full disk
    C: .
    S: 452 4.3.1 mail system full, try later
    C: NOOP
    S: 250 2.0.0 OK
    """),
  .inData(
    "a stopped store is temporary",
    """
    C: failed sync
    C: .
    S: 451 4.3.0 cannot store the mail now, try later
    C: DATA
    S: 503 5.5.1 say MAIL first
    """),
]
