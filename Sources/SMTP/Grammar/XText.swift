/// `xtext`, in which parameters carry what a command line must not hold as it is: `+` and two capital hexadecimal digits
/// stand for a byte (RFC 3461 §4).
enum XText {
  /// `nil` for what breaks the grammar. Bytes over 127, which RFC 6533 §3 adds, are the caller's to judge.
  static func decode(_ text: some Collection<UInt8>) -> [UInt8]? {
    var decoded: [UInt8] = []
    var rest = text[...]
    while let byte = rest.popFirst() {
      if byte == UInt8(ascii: "+") {
        guard let high = rest.popFirst().flatMap(digit), let low = rest.popFirst().flatMap(digit) else { return nil }
        decoded.append(high << 4 | low)
      } else {
        guard byte > 32, byte != UInt8(ascii: "="), byte != 127 else { return nil }
        decoded.append(byte)
      }
    }
    return decoded
  }

  /// A capital hexadecimal one.
  static func digit(_ byte: UInt8) -> UInt8? {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
    case UInt8(ascii: "A")...UInt8(ascii: "F"): byte - UInt8(ascii: "A") + 10
    default: nil
    }
  }
}
