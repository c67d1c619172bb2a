/// What a decoder writes to: bytes that are kept, or only their number.
protocol DecodedOutput {
  var count: Int { get }
  mutating func append(_ byte: UInt8)
}

extension [UInt8]: DecodedOutput {}

/// Counts decoded bytes that nobody wants to see.
struct ByteCounter: DecodedOutput {
  private(set) var count = 0

  mutating func append(_ byte: UInt8) { count &+= 1 }
}
