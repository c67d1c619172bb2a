import Testing

@testable import SMTP

/// RFC 4616.
struct PlainMessageTests {
  @Test(arguments: [
    // §4 has both examples.
    ("\0tim\0tanstaaftanstaaf", "tim", nil, "tanstaaftanstaaf"),
    ("Ursel\0Kurt\0xipj3plmq", "Kurt", "Ursel", "xipj3plmq"),
    ("\0ü@example.org\0ß\t", "ü@example.org", nil, "ß\t"),
  ])
  func `a name, a password and perhaps somebody to act for are read`(
    text: String, name: String, authorization: String?, password: String
  ) {
    let message = PlainMessage.parse(Array(text.utf8))
    #expect(message?.claim == SASLClaim(name: name, authorizationName: authorization))
    #expect(message?.password == Array(password.utf8))
  }

  @Test(arguments: [
    "", "\0", "\0\0", "tim", "tim\0x", "\0tim\0", "\0\0x", "\0tim\0a\0b", "\0tim\0a\0", "a\0b\0c\0d", "\0t\r\nim\0x",
    "\u{7F}\0tim\0x",
  ])
  func `what has not two NULs with something between and behind them is refused`(text: String) {
    #expect(PlainMessage.parse(Array(text.utf8)) == nil)
  }

  @Test func `what is no UTF-8, or too long, is refused`() {
    #expect(PlainMessage.parse([0, 0xFF, 0, 0x61]) == nil)
    #expect(PlainMessage.parse([0, 0x61, 0, 0xC3]) == nil)
    let long = Array(repeating: UInt8(ascii: "a"), count: PlainMessage.maxPartByteCount)
    #expect(PlainMessage.parse([0] + long + [0] + long) != nil)
    #expect(PlainMessage.parse([0] + long + [0] + long + [0x61]) == nil)
    #expect(PlainMessage.parse([0x61] + long + [0] + long + [0] + long) == nil)
  }
}
