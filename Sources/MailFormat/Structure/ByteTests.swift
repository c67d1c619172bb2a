extension UInt8 {
  var isBlank: Bool { self == 0x20 || self == 0x09 }
  var isLineEnd: Bool { self == 0x0A || self == 0x0D }
  var isSpace: Bool { isBlank || isLineEnd }
  var lowercasedASCII: UInt8 { self >= 0x41 && self <= 0x5A ? self | 0x20 : self }

  /// The value of a hexadecimal digit.
  var hexValue: UInt8? {
    switch self {
    case 0x30...0x39: self - 0x30
    case 0x41...0x46: self - 0x37
    case 0x61...0x66: self - 0x57
    default: nil
    }
  }

  /// RFC 5322 §3.6.8: printable ASCII but the colon.
  var isFieldNameByte: Bool { self > 0x20 && self < 0x7F && self != 0x3A }
}

extension ArraySlice<UInt8> {
  /// Compares with a name in lower-case ASCII, ignoring the case of the bytes.
  func isNamed(_ name: String) -> Bool {
    guard count == name.utf8.count else { return false }
    return zip(self, name.utf8).allSatisfy { $0.lowercasedASCII == $1 }
  }

  var trimmed: ArraySlice<UInt8> {
    var slice = self
    while let first = slice.first, first.isSpace { slice.removeFirst() }
    while let last = slice.last, last.isSpace { slice.removeLast() }
    return slice
  }

  var isASCII: Bool {
    for byte in self where byte >= 0x80 { return false }
    return true
  }

  /// The byte that two hexadecimal digits at `index` write.
  func hexByte(at index: Int) -> UInt8? {
    guard index + 1 < endIndex, let high = self[index].hexValue, let low = self[index + 1].hexValue else { return nil }
    return high << 4 | low
  }

  /// Bytes that are written as a marker and two hexadecimal digits (`%C3`, `=C3`) among bytes that stand for themselves.
  func decodingHex(after marker: UInt8, isUnderscoreBlank: Bool = false) -> [UInt8] {
    var decoded: [UInt8] = []
    decoded.reserveCapacity(count)
    var index = startIndex
    while index < endIndex {
      let byte = self[index]
      if byte == marker, let written = hexByte(at: index + 1) {
        decoded.append(written)
        index += 3
      } else {
        decoded.append(isUnderscoreBlank && byte == 0x5F ? 0x20 : byte)
        index += 1
      }
    }
    return decoded
  }

  /// At most `byteCount` bytes from the start of UTF-8, with no character cut in two.
  func utf8Prefix(_ byteCount: Int) -> ArraySlice<UInt8> {
    guard count > byteCount else { return self }
    var end = startIndex + Swift.max(0, byteCount)
    let earliest = Swift.max(startIndex, end - 3)
    while end > earliest, self[end] & 0xC0 == 0x80 { end -= 1 }
    return self[..<end]
  }

  var lowercasedText: String { String(decoding: map(\.lowercasedASCII), as: UTF8.self) }

  /// Text that is ASCII by its grammar; anything else in it becomes U+FFFD, and NUL goes.
  var plainText: String { String(decoding: filter { $0 != 0 }, as: UTF8.self) }
}

extension String {
  /// At most `byteCount` bytes of UTF-8 from the start, with no scalar cut in two.
  func utf8Prefix(_ byteCount: Int) -> String {
    utf8.count > byteCount ? String(decoding: Array(utf8)[...].utf8Prefix(byteCount), as: UTF8.self) : self
  }
}
