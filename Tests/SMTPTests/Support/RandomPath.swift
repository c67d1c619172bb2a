import TestSupport

/// Strings that are nearly addresses.
enum RandomPath {
  private static let pieces = [
    "<", ">", "@", ".", ",", ":", "\"", "\\", " ", "a", "b1", "-", "_", "ü", "밥", "[", "]", "IPv6:", "::", "192.0.2.1",
    "example.com", "postmaster", "@a.example", "\\\"", "x=y",
  ]

  static func make(seed: UInt64) -> String {
    var random = SeededGenerator(seed: seed)
    let middle = (0..<Int.random(in: 0...5, using: &random)).map { _ in pieces.randomElement(using: &random) ?? "" }
    switch Int.random(in: 0...3, using: &random) {
    case 0: return "<\(middle.joined())@example.com>"
    case 1: return "<bob@\(middle.joined())>"
    case 2: return "<\"\(middle.joined())\"@example.com>"
    default: return "<\(middle.joined())>"
    }
  }
}
