/// Content as DATA carries it (RFC 5321 §4.5.2): a dot before each line that begins with one, and the line with a dot alone behind it.
enum DotStuffing {
  /// - Parameter content: lines that end with CR LF.
  static func encode(_ content: [UInt8]) -> [UInt8] {
    var stuffed: [UInt8] = []
    stuffed.reserveCapacity(content.count + 64)
    var isAtStart = true
    for byte in content {
      if isAtStart, byte == UInt8(ascii: ".") { stuffed.append(byte) }
      stuffed.append(byte)
      isAtStart = byte == UInt8(ascii: "\n")
    }
    if !isAtStart { stuffed += Array("\r\n".utf8) }
    return stuffed + Array(".\r\n".utf8)
  }
}
