import Bytes

/// Numbers as `PackedNumbers` writes them, of which only the chunks that are asked for are unpacked.
struct LazyNumbers {
  /// Those of the chunks that were asked for; the others' places hold anything.
  private(set) var numbers: [UInt32] = []
  private var count = 0
  private var bytes: ArraySlice<UInt8> = []
  /// Where each chunk begins in `bytes`; -1 once it is unpacked.
  private var chunkOffsets: [Int] = []

  /// Takes memory only when something is opened.
  init() {}

  /// Passes over `count` numbers and remembers where they are.
  mutating func open(_ reader: inout ByteReader, count: Int) throws(DecodingError) {
    self.count = count
    if numbers.count < count { numbers += [UInt32](repeating: 0, count: count - numbers.count) }
    chunkOffsets.removeAll(keepingCapacity: true)
    var rest = reader
    let start = reader.offset
    for first in stride(from: 0, to: count, by: BitPacking.count) {
      chunkOffsets.append(reader.offset - start)
      try PackedNumbers.skipChunk(from: &reader, count: min(BitPacking.count, count - first))
    }
    bytes = try rest.readBytes(reader.offset - start)
  }

  /// Takes numbers that are known already.
  mutating func set(_ known: [UInt32]) {
    numbers = known
    count = known.count
    chunkOffsets.removeAll(keepingCapacity: true)
  }

  /// Unpacks what the range touches.
  mutating func decode(_ range: Range<Int>) throws(DecodingError) {
    if chunkOffsets.isEmpty || range.isEmpty { return }
    for chunk in range.lowerBound / BitPacking.count...(range.upperBound - 1) / BitPacking.count {
      let offset = chunkOffsets[chunk]
      if offset < 0 { continue }
      var reader = ByteReader(bytes.dropFirst(offset))
      let first = chunk * BitPacking.count
      let code = try reader.readUInt8()
      try PackedNumbers.decodeChunk(
        code: code, from: &reader, at: first, count: min(BitPacking.count, count - first), into: &numbers)
      chunkOffsets[chunk] = -1
    }
  }
}
