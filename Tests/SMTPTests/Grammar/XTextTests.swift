import Testing

@testable import SMTP

struct XTextTests {
  @Test(arguments: [
    ("", ""), ("abc", "abc"), ("a+20b", "a b"), ("+2B+3D", "+="), ("Bob@example.com", "Bob@example.com"),
    ("+00+FF", "\\0\\xff"),
  ])
  func `a plus and two digits stand for a byte`(text: String, decoded: String) {
    #expect(XText.decode(Array(text.utf8)).map { Escapes.encode($0) } == decoded)
  }

  @Test(arguments: ["+", "+2", "a+2", "+2b", "+G0", "+ 0", "a=b", "a b", "a\tb", "a\u{7F}", "++2B"])
  func `what breaks the grammar is nothing`(text: String) {
    #expect(XText.decode(Array(text.utf8)) == nil)
  }
}
