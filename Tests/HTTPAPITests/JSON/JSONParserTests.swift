import HTTPAPI
import TestSupport
import Testing

struct JSONParserTests {
  @Test(
    arguments: [
      ("null", JSONValue.null), (" true ", true), ("false", false), ("0", 0), ("-0", 0), ("12", 12), ("-7", -7),
      ("1.5", .number(1.5)), ("1e3", .number(1_000)), ("1E-2", .number(0.01)), ("9223372036854775807", .integer(.max)),
      ("9223372036854775808", .number(9_223_372_036_854_775_808)), ("\"\"", ""), ("\"a\\n\\u00e4\\/\"", "a\nä/"),
      ("\"\\ud83e\\udd8a\"", "🦊"), ("\"한\"", "한"), ("[]", .array([])), ("[1, [2]]", .array([1, .array([2])])),
      ("{}", .object([])),
      ("{\"a\": {\"b\": null}}", .object([.init("a", .object([.init("b", .null)]))])),
    ] as [(String, JSONValue)])
  func `well-formed text is read`(text: String, value: JSONValue) throws {
    #expect(try JSONParser.parse(Array(text.utf8)) == value)
  }

  @Test(arguments: [
    "", " ", "nul", "tru", "01", "1.", ".5", "+1", "1e", "--1", "1e999", "NaN", "Infinity", "[1,]", "[,1]", "[1 2]",
    "{,}",
    "{\"a\"}", "{\"a\":}", "{a:1}", "{\"a\":1,}", "\"", "\"\\", "\"\\x\"", "\"\\u12\"", "\"\\ud800\"", "\"\\udc00\"",
    "\"\\ud800\\u0041\"", "\"\u{0}\"", "\"\t\"", "1 1", "[1]]", "// no", "'a'", "{\"a\":1,\"a\":2}",
  ])
  func `malformed text is refused`(text: String) {
    #expect(throws: JSONError.self) { try JSONParser.parse(Array(text.utf8)) }
  }

  @Test(arguments: [
    [0x22, 0xFF, 0x22], [0x22, 0xC3, 0x22], [0x22, 0xED, 0xA0, 0x80, 0x22], [0x22, 0xC0, 0x80, 0x22],
  ])
  func `a string that is not UTF-8 is refused`(bytes: [UInt8]) {
    #expect(throws: JSONError(offset: 0, message: "the string is not UTF-8")) { try JSONParser.parse(bytes) }
  }

  @Test func `errors say where`() {
    #expect(throws: JSONError(offset: 7, message: "expected a comma or the end of the object")) {
      try JSONParser.parse(Array("{\"a\":1 2}".utf8))
    }
  }

  @Test func `nesting up to the limit is read and one more level is refused`() throws {
    func nested(_ depth: Int) -> [UInt8] {
      Array((String(repeating: "[", count: depth) + String(repeating: "]", count: depth)).utf8)
    }
    let deepest = try JSONParser.parse(nested(JSONParser.maxDepth + 1))
    #expect(deepest.serialized() == nested(JSONParser.maxDepth + 1))
    #expect(throws: JSONError.self) { try JSONParser.parse(nested(JSONParser.maxDepth + 2)) }
  }

  @Test(arguments: [UInt64(1), 2, 3, 4])
  func `what is written is read back`(seed: UInt64) throws {
    var generator = SeededGenerator(seed: seed)
    for _ in 0..<200 {
      let value = randomValue(depth: 0, &generator)
      let text = value.serialized()
      #expect(try JSONParser.parse(text) == value, "seed \(seed): \(String(decoding: text, as: UTF8.self))")
    }
  }

  @Test(arguments: [UInt64(11), 12])
  func `no bytes at all make it trap`(seed: UInt64) {
    var generator = SeededGenerator(seed: seed)
    let alphabet = Array("{}[]\",:\\u0dDtrfn-1.eE+ \u{0}ü".utf8) + [0xFF]
    for _ in 0..<3_000 {
      let bytes = (0..<Int.random(in: 0..<24, using: &generator)).map { _ in
        alphabet.randomElement(using: &generator) ?? 0
      }
      if let value = try? JSONParser.parse(bytes) { #expect((try? JSONParser.parse(value.serialized())) == value) }
    }
  }

  @Test func `controls and quotes are escaped`() {
    let value: JSONValue = .string("\"\\\n\r\t\u{1}\u{7F}/")
    #expect(String(decoding: value.serialized(), as: UTF8.self) == #""\"\\\n\r\t\u0001\u007f/""#)
    #expect(JSONValue.number(.infinity).serialized() == Array("null".utf8))
  }

  private func randomValue(depth: Int, _ generator: inout SeededGenerator) -> JSONValue {
    let scalars = Array("a\"\\\n\u{0}\u{1F}\u{7F}ü한🦊/".unicodeScalars)
    func text() -> String {
      String(
        String.UnicodeScalarView(
          (0..<Int.random(in: 0..<6, using: &generator)).compactMap { _ in scalars.randomElement(using: &generator) }))
    }
    switch Int.random(in: 0..<(depth > 4 ? 5 : 7), using: &generator) {
    case 0: return .null
    case 1: return .bool(.random(using: &generator))
    case 2: return .integer(.random(in: .min ... .max, using: &generator))
    case 3: return .number(.random(in: -1e9...1e9, using: &generator) + 0.5)
    case 4: return .string(text())
    case 5:
      return .array(
        (0..<Int.random(in: 0..<4, using: &generator)).map { _ in randomValue(depth: depth + 1, &generator) })
    default:
      return .object(
        (0..<Int.random(in: 0..<4, using: &generator)).map {
          .init("\($0)" + text(), randomValue(depth: depth + 1, &generator))
        })
    }
  }
}
