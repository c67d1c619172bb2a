extension JSONValue {
  /// The value as JSON text in UTF-8, without blanks.
  /// - Parameter byteCount: about how long it will be, where that is known: growing copies what is there.
  package func serialized(reserving byteCount: Int = 0) -> [UInt8] {
    var output: [UInt8] = []
    output.reserveCapacity(byteCount)
    serialize(into: &output)
    return output
  }

  private func serialize(into output: inout [UInt8]) {
    switch self {
    case .null: output += "null".utf8
    case .bool(let value): output += (value ? "true" : "false").utf8
    case .integer(let value): output += String(value).utf8
    // JSON has no word for infinity.
    case .number(let value): output += (value.isFinite ? String(value) : "null").utf8
    case .string(let text): Self.serialize(text, into: &output)
    case .array(let values):
      output.append(UInt8(ascii: "["))
      for (index, value) in values.enumerated() {
        if index > 0 { output.append(UInt8(ascii: ",")) }
        value.serialize(into: &output)
      }
      output.append(UInt8(ascii: "]"))
    case .object(let members):
      output.append(UInt8(ascii: "{"))
      for (index, member) in members.enumerated() {
        if index > 0 { output.append(UInt8(ascii: ",")) }
        Self.serialize(member.name, into: &output)
        output.append(UInt8(ascii: ":"))
        member.value.serialize(into: &output)
      }
      output.append(UInt8(ascii: "}"))
    }
  }

  private static func serialize(_ text: String, into output: inout [UInt8]) {
    var text = text
    text.makeContiguousUTF8()
    let bytes = text.utf8.span
    var byteCount = bytes.count
    for index in bytes.indices { byteCount += addedByteCount(bytes[index]) }
    output.append(UInt8(ascii: "\""))
    if byteCount == bytes.count {
      // Nearly every text but those with line ends: copied as a whole.
      output.append(contentsOf: text.utf8)
    } else {
      output.append(addingCapacity: byteCount) { output in
        for index in bytes.indices { append(bytes[index], to: &output) }
      }
    }
    output.append(UInt8(ascii: "\""))
  }

  /// By how much the byte's escape is longer than the byte.
  @inline(__always)
  private static func addedByteCount(_ byte: UInt8) -> Int {
    switch byte {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), 0x0A, 0x0D, 0x09: 1
    case 0..<0x20, 0x7F: 5
    default: 0
    }
  }

  @inline(__always)
  private static func append(_ byte: UInt8, to output: inout OutputSpan<UInt8>) {
    switch byte {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"): append(escaped: byte, to: &output)
    case 0x0A: append(escaped: UInt8(ascii: "n"), to: &output)
    case 0x0D: append(escaped: UInt8(ascii: "r"), to: &output)
    case 0x09: append(escaped: UInt8(ascii: "t"), to: &output)
    case 0..<0x20, 0x7F:
      append(escaped: UInt8(ascii: "u"), to: &output)
      for digit in [0, 0, byte >> 4, byte & 15] { output.append(digit < 10 ? 0x30 + digit : 0x57 + digit) }
    default: output.append(byte)
    }
  }

  private static func append(escaped byte: UInt8, to output: inout OutputSpan<UInt8>) {
    output.append(UInt8(ascii: "\\"))
    output.append(byte)
  }
}
