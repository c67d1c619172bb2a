import Testing

@testable import Documents

struct CleanTextTests {
  @Test(arguments: [
    ("a\u{0}b\u{7F}\u{1B}[0m\r\n\tc\u{C}d", 100, "ab[0m\n c\nd"), ("회의록", 7, "회의"), ("", 10, ""), ("abc", 3, "abc"),
  ])
  func `controls go, and a limit cuts between characters`(text: String, limit: Int, expected: String) {
    #expect(CleanText.make(Array(text.utf8), limit: limit) == expected)
  }

  @Test func `what is no text becomes text within the limit`() {
    let text = CleanText.make([UInt8](repeating: 0xFF, count: 1_000), limit: 1_000)
    #expect(!text.isEmpty && text.utf8.count <= 1_000)
  }
}
