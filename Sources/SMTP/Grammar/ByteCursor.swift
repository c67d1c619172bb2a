/// Walks a command line from its first byte to its last.
struct ByteCursor {
  private let bytes: [UInt8]
  private(set) var position: Int

  init(_ bytes: [UInt8], at position: Int = 0) {
    self.bytes = bytes
    self.position = position
  }

  var isAtEnd: Bool { position >= bytes.count }
  var next: UInt8? { isAtEnd ? nil : bytes[position] }
  var rest: ArraySlice<UInt8> { bytes[position...] }

  mutating func advance() { position += 1 }

  /// Steps over `byte` if it comes next.
  mutating func skip(_ byte: Unicode.Scalar) -> Bool {
    guard next == UInt8(ascii: byte) else { return false }
    position += 1
    return true
  }

  /// Steps over `keyword`, which is given in capitals, in any case.
  mutating func skip(keyword: StaticString) -> Bool {
    let end = position + keyword.utf8CodeUnitCount
    guard end <= bytes.count else { return false }
    let matches = bytes[position..<end].map(\.asciiUppercased) == Array("\(keyword)".utf8)
    if matches { position = end }
    return matches
  }

  /// Takes bytes as long as they satisfy `condition`.
  mutating func take(while condition: (UInt8) -> Bool) -> ArraySlice<UInt8> {
    let start = position
    while let byte = next, condition(byte) { position += 1 }
    return bytes[start..<position]
  }
}

extension UInt8 {
  var asciiUppercased: UInt8 {
    (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(self) ? self & 0xDF : self
  }
}
