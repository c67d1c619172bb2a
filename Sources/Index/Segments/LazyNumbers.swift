import Bytes

/// Numbers as `PackedNumbers` writes them, of which only the chunks that are asked for are unpacked, and those behind the last of
/// them not even looked at.
struct LazyNumbers {
  /// Those of the chunks that were asked for; the others' places hold anything.
  private(set) var numbers: [UInt32] = []
  private var count = 0
  private var bytes: ArraySlice<UInt8> = []
  /// Where each chunk begins in `bytes`, as far as it was looked for; -1 once it is unpacked.
  private var chunkOffsets: [Int] = []
  /// Behind the last of them.
  private var nextOffset = 0

  /// Takes memory only when something is opened.
  init() {}

  /// - Parameter reader: nothing but the numbers is left in it.
  mutating func open(_ reader: inout ByteReader, count: Int) throws(DecodingError) {
    self.count = count
    if numbers.count < count { numbers += repeatElement(0, count: count - numbers.count) }
    chunkOffsets.removeAll(keepingCapacity: true)
    nextOffset = 0
    bytes = try reader.readBytes(reader.remaining)
  }

  /// Takes numbers that are known already.
  mutating func set(_ known: [UInt32]) {
    numbers = known
    count = 0
  }

  /// Unpacks what the range touches.
  mutating func decode(_ range: Range<Int>) throws(DecodingError) {
    if count == 0 || range.isEmpty { return }
    for chunk in range.lowerBound / BitPacking.count...(range.upperBound - 1) / BitPacking.count {
      try findChunk(chunk)
      let offset = chunkOffsets[chunk]
      if offset < 0 { continue }
      let start = chunk * BitPacking.count
      try Self.decodeChunk(bytes, offset, at: start, count: chunkCount(chunk), into: &numbers)
      chunkOffsets[chunk] = -1
    }
  }

  private static func decodeChunk(
    _ bytes: ArraySlice<UInt8>, _ offset: Int, at start: Int, count: Int, into numbers: inout [UInt32]
  ) throws(DecodingError) {
    var index = offset
    try PackedNumbers.decodeChunk(bytes.span, &index, at: start, count: count, into: &numbers)
  }

  private func chunkCount(_ chunk: Int) -> Int { min(BitPacking.count, count - chunk * BitPacking.count) }

  private mutating func findChunk(_ chunk: Int) throws(DecodingError) {
    while chunkOffsets.count <= chunk {
      var end = nextOffset
      try PackedNumbers.skipChunk(bytes.span, &end, count: chunkCount(chunkOffsets.count))
      chunkOffsets.append(nextOffset)
      nextOffset = end
    }
  }
}
