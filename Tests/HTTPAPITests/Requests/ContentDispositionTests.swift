import HTTPAPI
import Testing

struct ContentDispositionTests {
  @Test(
    arguments: [
      (nil, "attachment"), ("", "attachment"), ("plan.pdf", "attachment; filename=\"plan.pdf\""),
      ("a b.txt", "attachment; filename=\"a b.txt\""),
      ("../../etc/passwd", "attachment; filename=\"_._.._etc_passwd\""),
      ("..\\boot.ini", "attachment; filename=\"_._boot.ini\""), (".bashrc", "attachment; filename=\"_bashrc\""),
      ("a\r\nSet-Cookie: x=1", "attachment; filename=\"a__Set-Cookie: x=1\""),
      ("a\u{0}.exe", "attachment; filename=\"a_.exe\""),
      ("gpj\u{202E}cod.exe", "attachment; filename=\"gpj_cod.exe\""),
      ("보고서.pdf", "attachment; filename=\"___.pdf\"; filename*=UTF-8''%EB%B3%B4%EA%B3%A0%EC%84%9C.pdf"),
      ("50%.txt", "attachment; filename=\"50_.txt\"; filename*=UTF-8''50%25.txt"),
    ] as [(String?, String)])
  func `a name from a mail is made safe and kept where it can be`(filename: String?, expected: String) {
    #expect(ContentDisposition.attachment(filename: filename) == expected)
  }

  @Test func `a long name is cut`() {
    let name = ContentDisposition.attachment(filename: String(repeating: "a", count: 10_000))
    #expect(name.utf8.count < 300)
  }

  @Test(arguments: [
    ("application/pdf", "application/pdf"), ("Image/PNG", "image/png"), ("message/rfc822", "message/rfc822"),
    (
      "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
      "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
    ),
    ("application/vnd.openxmlformats-officedocument.x+xml", "application/octet-stream"),
    ("application/openxml+xml", "application/octet-stream"), ("image/svg+openxml", "application/octet-stream"),
    ("application/x-openxml-script", "application/octet-stream"),
    ("text/html", "application/octet-stream"), ("image/svg+xml", "application/octet-stream"),
    ("text/javascript", "application/octet-stream"), ("application/xhtml+xml", "application/octet-stream"),
    ("text", "application/octet-stream"), ("a/b/c", "application/octet-stream"), ("", "application/octet-stream"),
    ("text/plain; charset=x", "application/octet-stream"), ("text/pl\r\nain", "application/octet-stream"),
  ])
  func `a type is passed on unless it is malformed or a browser would run it`(type: String, expected: String) {
    #expect(ContentDisposition.safeContentType(type) == expected)
  }
}
