import MailFormat
import Testing

struct HTMLTextTests {
  @Test(arguments: [
    ("plain", "plain"),
    ("a<b>b</b>c", "abc"),
    ("<p>a</p><p>b</p>", "a\n\nb"),
    ("<div>a</div><div>b</div>", "a\nb"),
    ("a<br>b<br/>c", "a\nb\nc"),
    ("a  \n\t b", "a b"),
    ("<td>a</td><td>b</td>", "a b"),
    ("<pre>a\n  b</pre>", "a\n  b"),
    ("&auml;&#246;&#x20AC;&lt;&amp;&nbsp;x", "äö€<& x"),
    ("a<script>if (a < b) hidden()</script>b", "ab"),
    ("<style>hidden</style>a", "a"),
    ("<head><title>hidden</title></head><body>a", "a"),
    ("<!-- hidden <b> -->a", "a"),
    ("<template>hidden</template>a", "a"),
    ("<template-card>shown</template-card>a", "showna"),
    ("<stylesheet>shown</stylesheet>a", "showna"),
    ("<blockquotes>a</blockquotes>b", "ab"),
    ("<div hidden>read</div><p style=\"display:none\">read</p>a", "read\n\nread\n\na"),
    ("<a href=\"https://example.com/hidden\">link</a>", "link"),
    ("<img alt=\"hidden\" src=x>a", "a"),
    ("a & b < c", "a & b < c"),
    ("<b>never closed", "never closed"),
    ("</b></p>stray", "stray"),
    ("<p>日本語<p>한국어", "日本語\n\n한국어"),
  ])
  func `HTML gives its visible text`(html: String, text: String) {
    let mail = MailParser().parse(Array("Content-Type: text/html; charset=utf-8\n\n\(html)".utf8))
    #expect(mail.text == text)
    #expect(mail.html == html)
  }

  @Test func `a page names its charset where the header does not`() {
    let page =
      Array("<meta http-equiv=Content-Type content=\"text/html; charset=koi8-r\"><p>".utf8) + [0xD4, 0xC5, 0xD3, 0xD4]
    let mail = MailParser().parse(Array("Content-Type: text/html\n\n".utf8) + page)
    #expect(mail.text == "тест")
    #expect(mail.defects.isEmpty)
  }

  @Test func `the page's own charset does not change text that is decoded already`() {
    let page = "<meta charset=iso-8859-1><p>Grüße"
    let mail = MailParser().parse(Array("Content-Type: text/html; charset=utf-8\n\n\(page)".utf8))
    #expect(mail.text == "Grüße")
  }

  @Test func `an element is known by its whole name where the structure is lost too`() {
    let deep = String(repeating: "<b>", count: 300)
    let html = "\(deep)<template-card>shown</template-card><template>hidden</template><script>hidden</script >a"
    let mail = MailParser().parse(Array("Content-Type: text/html\n\n\(html)".utf8))
    #expect(mail.text == "showna")
    #expect(mail.defects == [.htmlLimit])
  }
}
