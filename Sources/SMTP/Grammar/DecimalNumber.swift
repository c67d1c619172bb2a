/// A number as protocols write it that allow no second way to: decimal digits without a sign or a leading zero.
enum DecimalNumber {
  /// `nil` if the text is no such number or one above `limit`, which is far below an overflow.
  static func parse(_ text: ArraySlice<UInt8>, atMost limit: Int) -> Int? {
    guard let first = text.first, first != UInt8(ascii: "0") || text.count == 1 else { return nil }
    var number = 0
    for digit in text {
      guard digit.isDigit else { return nil }
      number = number * 10 + Int(digit - UInt8(ascii: "0"))
      guard number <= limit else { return nil }
    }
    return number
  }
}
