import Testing

@testable import Documents

struct RichTextTests {
  @Test(arguments: [
    ("letter.rtf", "Dear café,\nThe price is 5€.\nBold and {braces} tabbed\n😀 endshown"), ("hangul.rtf", "회의록"),
  ])
  func `a letter says what people read in it`(name: String, text: String) throws {
    let read = try Fixture.read(name)
    #expect(read.text == text)
    #expect(read.status == .whole)
  }

  @Test(arguments: [
    (#"{\rtf1 a\~b\_c\-d}"#, "a b-cd"), (#"{\rtf1{\*\unknown hidden}shown}"#, "shown"),
    (#"{\rtf1{\fonttbl{\f0 no{\b no}}no}yes}"#, "yes"), (#"{\rtf1\uc2\u233??{\uc0\u233}x}"#, "ééx"),
    (#"{\rtf1\u55356?x}"#, "x"), (#"{\rtf1\bin99999999999999999999 x}"#, ""), (#"{\rtf1\'zz x}"#, "x"),
    (#"{\rtf1\"#, ""),
  ])
  func `control words mean what the specification says`(input: String, text: String) {
    #expect(Fixture.read(Array(input.utf8)).text == text)
  }

  @Test func `groups may be nested as deeply as anybody likes`() {
    let depth = 200_000
    let text = String(repeating: "{", count: depth) + "deep" + String(repeating: "}", count: depth)
    #expect(Fixture.read(Array("{\\rtf1 \(text) after}".utf8)).text == "deep after")
  }
}
