import TestSupport
import Testing

@testable import SMTP

struct StrictBase64Tests {
  /// RFC 4648 §10.
  @Test(arguments: [
    ("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg=="), ("fooba", "Zm9vYmE="),
    ("foobar", "Zm9vYmFy"),
  ])
  func `the RFC's examples are written and read`(text: String, base64: String) {
    #expect(StrictBase64.encode(Array(text.utf8)) == base64)
    #expect(StrictBase64.decode(Array(base64.utf8)) == Array(text.utf8))
  }

  @Test(arguments: [
    "Z", "Zg", "Zg=", "Zg===", "=", "====", "Zm9v====", "Z===", "Zh==", "Zm9=", "Zm 9", "Zm9v\r\n", "Zg==Zg==", "Z=g=",
    "Zm9-",
    "Zm9_", "*", "Zm9v*", "Zm9\u{FF}",
  ])
  func `what is cut, padded wrongly, has bits left over or other signs is refused`(text: String) {
    #expect(StrictBase64.decode(Array(text.utf8)) == nil)
  }

  @Test(arguments: UInt64(0)..<50)
  func `any bytes come back, and no other text stands for them`(seed: UInt64) {
    var random = SeededGenerator(seed: seed)
    let bytes = (0..<Int.random(in: 0...40, using: &random)).map { _ in UInt8.random(in: 0...255, using: &random) }
    var text = Array(StrictBase64.encode(bytes).utf8)
    #expect(StrictBase64.decode(text) == bytes, "seed \(seed)")
    guard !text.isEmpty else { return }
    let place = Int.random(in: 0..<text.count, using: &random)
    let before = text[place]
    text[place] = UInt8.random(in: 0...255, using: &random)
    if text[place] != before { #expect(StrictBase64.decode(text) != bytes, "seed \(seed)") }
  }
}
