import Testing

@testable import MailStore

struct PasswordPreparationTests {
  private func prepared(_ text: String, keeps: Bool = true) -> String? {
    PasswordPreparation.prepare(Array(text.utf8), keeps: keeps).map { String(decoding: $0, as: UTF8.self) }
  }

  /// RFC 4013 §3.
  @Test(arguments: [
    ("I\u{AD}X", "IX"), ("user", "user"), ("USER", "USER"), ("\u{AA}", "a"), ("\u{2168}", "IX"), ("\u{7}", nil),
    ("\u{627}\u{31}", nil),
  ])
  func `the RFC's examples are prepared, or prohibited`(text: String, expected: String?) {
    #expect(prepared(text) == expected)
  }

  @Test func `spaces are one, and ASCII stays as it is`() {
    #expect(prepared("a\u{A0}b\u{3000}c") == "a b c")
    #expect(prepared(" ~!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|} ") == " ~!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|} ")
    #expect(prepared("\u{AD}") == nil, "nothing is left of it")
  }

  @Test func `what Unicode 3.2 did not know may be asked and not kept`() {
    #expect(prepared("\u{1F9FF}", keeps: true) == nil)
    #expect(prepared("\u{1F9FF}", keeps: false) == "\u{1F9FF}")
  }

  @Test func `a password has 1024 bytes of UTF-8 at most`() {
    #expect(prepared(String(repeating: "x", count: 1_024)) != nil)
    #expect(prepared(String(repeating: "x", count: 1_025)) == nil)
    #expect(prepared(String(repeating: "\u{FDFA}", count: 300)) == nil, "prepared neither")
    #expect(PasswordPreparation.prepare([0xC3], keeps: true) == nil)
  }
}
