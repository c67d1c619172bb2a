import MailFormat
import Testing

struct MIMEParametersTests {
  @Test(arguments: [
    ("name=a.txt", "a.txt"),
    ("name=\"a b.txt\"", "a b.txt"),
    ("name=\"a\\\"b.txt\"", "a\"b.txt"),
    ("name=a (1).txt; x=y", "a (1).txt"),
    ("NAME = a.txt", "a.txt"),
    ("name=\"=?utf-8?B?w7wudHh0?=\"", "ü.txt"),
    ("name==?utf-8?Q?=C3=BC.txt?=", "ü.txt"),
    ("name*=utf-8''%C3%BC.txt", "ü.txt"),
    ("name*=iso-8859-1'en'%fc.txt; name=\"u.txt\"", "ü.txt"),
    ("name*0=a; name*1=b; name*2=\".txt\"", "ab.txt"),
    ("name*1=b.txt; name*0=a", "ab.txt"),
    ("name*0*=utf-8''%C3; name*1*=%BC; name*2=\"%20.txt\"", "ü%20.txt"),
    ("name*=%C3%BC.txt", "ü.txt"),
    ("name=\"never closed.txt", "never closed.txt"),
    ("x=\"a;b\"; name=c.txt", "c.txt"),
    ("x=1\n\tname=c.txt", "c.txt"),
    ("(comment) name=c.txt", "c.txt"),
    (";;; name=c.txt;;", "c.txt"),
    ("name=\"folded\n name.txt\"", "folded name.txt"),
  ])
  func `a file name is read as people write it`(parameters: String, name: String) {
    let mail = MailParser().parse(Array("Content-Type: application/x-a; \(parameters)\n\nx".utf8))
    #expect(mail.attachments.map(\.filename) == [name])
  }

  @Test(arguments: [
    ("TEXT/Calendar", "text/calendar"), (" image / png ;x=y", "image/png"),
    ("application/x-a name=b", "application/x-a"),
    ("image/png (a (nested) comment)", "image/png"),
  ])
  func `a content type is lower case without blanks and comments`(field: String, type: String) {
    let mail = MailParser().parse(
      Array("Content-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: \(field)\n\nx\n--b--\n".utf8))
    #expect(mail.attachments.map(\.contentType) == [type])
  }
}
