import Testing

@testable import MailFormat

/// The parser is not stopped: its input ends when nothing more is wanted.
struct HTMLTextSinkTests {
  @Test(arguments: ["words ", "<p>words", "<b>words</b> ", "<br>", "한국어 "])
  func `no more input is given once the text is long enough`(piece: String) {
    let html = "first words" + String(repeating: piece, count: 1_000_000 / piece.utf8.count)
    let sink = HTMLTextSink(html, limit: 1_000)
    #expect(HTMLText.parse(into: sink))
    let text = sink.finish()
    #expect(text.hasPrefix("first words"))
    #expect(text.utf8.count <= 1_000)
    #expect(!text.unicodeScalars.contains("\u{FFFD}"))
    // A run of line breaks is one, and never fills the text.
    #expect(piece == "<br>" ? sink.givenByteCount == html.utf8.count : sink.givenByteCount < 64 << 10)
    #expect(sink.isCut == (piece != "<br>"))
  }

  @Test func `no more input is given once elements are too deep`() {
    let sink = HTMLTextSink(String(repeating: "<b>", count: 1_000_000), limit: 1_000)
    #expect(HTMLText.parse(into: sink))
    #expect(sink.hasGivenUp)
    #expect(sink.givenByteCount < 64 << 10)
  }

  @Test(arguments: [4_000, 4_096, 8_192, 16_384])
  func `characters at the ends of the input's pieces stay whole`(place: Int) {
    for shift in -4...4 {
      let text = String(repeating: "a", count: place + shift) + String(repeating: "한", count: 10_000)
      #expect(HTMLText.extract(text, limit: .max).text == text)
    }
  }
}
