import Bytes

/// Which terms occur in which documents of one block, by shortened term hashes: sorted, each with the set of the block's
/// documents that hold it. Rules documents out without decompressing any text; what it lets through is verified.
///
/// How short the hashes are depends on how many there are: with about 2,048 times as many values as entries, a delta
/// takes two bytes and one foreign term in 2,048 blocks passes wrongly.
///
///     filter := u8 bits, varint count, count × varint delta, then for blocks of two and more documents
///               count × varint documents: index << 1 for one document, mask << 1 | 1 for several
struct TermFilter: Sendable, Equatable {
  /// Leading bits of the term hash that are kept.
  let bits: Int
  private(set) var hashes: [UInt32] = []
  /// Bit i stands for the block's document i.
  private(set) var documents: [UInt32] = []

  /// - Parameter termHashes: one sorted list for each document of the block, at most 32.
  init(_ termHashes: [[UInt32]]) {
    precondition(termHashes.count <= RunBlock.documentLimit)
    let total = termHashes.reduce(0) { $0 + $1.count }
    bits = Self.bits(for: total)
    let shift = UInt32(32 - bits)
    var pairs: [UInt64] = []
    pairs.reserveCapacity(total)
    for (index, list) in termHashes.enumerated() {
      for hash in list { pairs.append(UInt64(hash >> shift) << 32 | UInt64(index)) }
    }
    // Those of one hash are in the order of their documents already.
    if termHashes.count > 1 { RadixSort.sort(&pairs, by: bits, from: 32) }
    for pair in pairs {
      let hash = UInt32(truncatingIfNeeded: pair >> 32)
      let document: UInt32 = 1 << UInt32(truncatingIfNeeded: pair & 31)
      if hashes.last == hash {
        documents[documents.count - 1] |= document
      } else {
        hashes.append(hash)
        documents.append(document)
      }
    }
  }

  private static func bits(for count: Int) -> Int {
    let magnitude = count < 2 ? 1 : Int.bitWidth - (count - 1).leadingZeroBitCount
    return min(32, magnitude + 11)
  }

  var byteCount: Int { hashes.count * 8 }

  /// The block's documents that may hold the term, as bits; exact when 0.
  func documents(for termHash: UInt32) -> UInt32 {
    SortedHashes.index(of: termHash >> UInt32(32 - bits), in: hashes.span, bits: bits).map { documents[$0] } ?? 0
  }

  func encode(into writer: inout ByteWriter, documentCount: Int) {
    writer.write(UInt8(bits))
    writer.writeVarint(hashes.count)
    var previous: UInt32 = 0
    for hash in hashes {
      writer.writeVarint(UInt64(hash - previous))
      previous = hash
    }
    guard documentCount > 1 else { return }
    for mask in documents {
      writer.writeVarint(
        mask.nonzeroBitCount == 1 ? UInt64(mask.trailingZeroBitCount) << 1 : UInt64(mask) << 1 | 1)
    }
  }

  init(from reader: inout ByteReader, documentCount: Int) throws(DecodingError) {
    bits = Int(try reader.readUInt8())
    guard (1...32).contains(bits) else {
      throw DecodingError(offset: reader.offset, message: "expected 1 to 32 hash bits, found \(bits)")
    }
    let count = try reader.readCount()
    let greatest = UInt64(UInt32.max) >> UInt64(32 - bits)
    hashes.reserveCapacity(count)
    var hash: UInt64 = 0
    for index in 0..<count {
      let (next, overflow) = hash.addingReportingOverflow(try reader.readVarint())
      guard !overflow, next <= greatest, index == 0 || next > hash else {
        throw DecodingError(offset: reader.offset, message: "term hashes are not ascending within \(bits) bits")
      }
      hash = next
      hashes.append(UInt32(hash))
    }
    if documentCount <= 1 {
      documents = [UInt32](repeating: 1, count: count)
    } else {
      try readDocuments(&reader, documentCount: documentCount)
    }
  }

  private mutating func readDocuments(_ reader: inout ByteReader, documentCount: Int) throws(DecodingError) {
    let all = UInt64(UInt32.max) >> UInt64(32 - documentCount)
    documents.reserveCapacity(hashes.count)
    for _ in hashes.indices {
      let value = try reader.readVarint()
      let mask: UInt64 = value & 1 == 1 ? value >> 1 : value >> 1 < 32 ? 1 << (value >> 1) : 0
      guard mask != 0, mask <= all else {
        throw DecodingError(offset: reader.offset, message: "a term in documents that the block does not have")
      }
      documents.append(UInt32(mask))
    }
  }
}
