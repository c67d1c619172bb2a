import Bytes

/// Different byte strings, ascending, each found by its number and each number by its string.
///
///     table := varint count, for every 16 strings varint bytes of their block, block*
///     block := { varint bytes shared with the string before (0 in the first of a block), varint other bytes, these }*
struct StringTable: Sendable {
  private static let blockCount = 16

  let count: Int
  private let bytes: [UInt8]
  /// Where each block begins, and the last one ends.
  private let offsets: [Int]

  var byteCount: Int { bytes.count + offsets.count * 8 }

  /// - Parameter strings: ascending, all different.
  static func encode(_ strings: [[UInt8]], into writer: inout ByteWriter) {
    writer.writeVarint(strings.count)
    var blocks: [[UInt8]] = []
    for start in stride(from: 0, to: strings.count, by: blockCount) {
      var block = ByteWriter()
      var previous: [UInt8] = []
      for string in strings[start..<min(start + blockCount, strings.count)] {
        let shared = zip(previous, string).prefix { $0 == $1 }.count
        block.writeVarint(shared)
        block.writeLengthPrefixed(Array(string[shared...]))
        previous = string
      }
      blocks.append(block.bytes)
    }
    for block in blocks { writer.writeVarint(block.count) }
    for block in blocks { writer.write(block) }
  }

  init(from reader: inout ByteReader, limit: Int) throws(DecodingError) {
    count = try reader.readCount()
    guard count <= limit else { throw DecodingError(offset: reader.offset, message: "\(count) of \(limit) strings") }
    var offsets = [0]
    for _ in stride(from: 0, to: count, by: Self.blockCount) {
      offsets.append(offsets[offsets.count - 1] + (try reader.readCount()))
    }
    self.offsets = offsets
    bytes = Array(try reader.readBytes(offsets[offsets.count - 1]))
    var previous: [UInt8]?
    try forEach { string throws(DecodingError) in
      if let previous, !previous.precedes(string) {
        throw DecodingError(offset: 0, message: "the strings of a column are not ascending")
      }
      previous = string
    }
  }

  /// Ascending.
  func forEach(_ body: ([UInt8]) throws(DecodingError) -> Void) throws(DecodingError) {
    for block in 0..<offsets.count - 1 {
      var reader = ByteReader(bytes[offsets[block]..<offsets[block + 1]])
      var string: [UInt8] = []
      for _ in 0..<min(Self.blockCount, count - block * Self.blockCount) {
        try Self.readNext(&reader, &string)
        try body(string)
      }
      guard reader.isAtEnd else { throw DecodingError(offset: offsets[block], message: "bytes after a block") }
    }
  }

  private static func readNext(_ reader: inout ByteReader, _ string: inout [UInt8]) throws(DecodingError) {
    let shared = try reader.readVarint()
    guard shared <= UInt64(string.count) else {
      throw DecodingError(offset: reader.offset, message: "\(shared) shared bytes of \(string.count)")
    }
    string.removeLast(string.count - Int(shared))
    string += try reader.readLengthPrefixed()
  }

  subscript(number: Int) -> [UInt8] {
    precondition(number >= 0 && number < count)
    let block = number / Self.blockCount
    var reader = ByteReader(bytes[offsets[block]..<offsets[block + 1]])
    var string: [UInt8] = []
    // All of them were read once, when the table was.
    for _ in 0...number % Self.blockCount { try? Self.readNext(&reader, &string) }
    return string
  }

  /// - Returns: `nil` where the string is not there.
  func number(of string: [UInt8]) -> Int? {
    var low = 0
    var high = count
    while low < high {
      let middle = (low + high) / 2
      if self[middle].precedes(string) { low = middle + 1 } else { high = middle }
    }
    return low < count && self[low] == string ? low : nil
  }
}
