/// How texts stand in the tables of `Fixtures/Golden`.
enum GoldenText {
  struct Malformed: Error, CustomStringConvertible {
    let description: String
  }

  /// Turns `\u{301}` into the scalar it stands for.
  static func unescape(_ text: String) -> String {
    text.replacing(/\\u\{([0-9A-Fa-f]+)\}/) { match in
      UInt32(match.1, radix: 16).flatMap(Unicode.Scalar.init).map { String(Character($0)) } ?? String(match.0)
    }
  }
}
