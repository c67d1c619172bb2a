import HTTPAPI
import Testing

struct JSONValueSerializeTests {
  @Test(
    arguments: [
      ("", "\"\""), ("plain", "\"plain\""), ("한국어 🦊", "\"한국어 🦊\""), ("a\"b\\c", #""a\"b\\c""#),
      ("\n\r\t", #""\n\r\t""#), ("a\u{0}b\u{1F}", #""a\u0000b\u001f""#), ("\u{7F}", #""\u007f""#),
      ("line\nand é", #""line\nand é""#),
    ] as [(String, String)])
  func `a string is escaped where JSON asks for it, and nowhere else`(text: String, json: String) {
    #expect(String(decoding: JSONValue.string(text).serialized(), as: UTF8.self) == json)
  }

  @Test func `an answer longer than usual is whole`() {
    let long = String(repeating: "tide\n", count: 50_000)
    let json = JSONValue.array([.string(long), .object([.init("a", 1)]), .null]).serialized()
    let expected = "[\"" + String(repeating: #"tide\n"#, count: 50_000) + "\",{\"a\":1},null]"
    #expect(String(decoding: json, as: UTF8.self) == expected)
  }
}
