import Bytes

/// Where the frames of a compacted pack lay before: references go on naming them by that.
///
/// The record of kind `locations` is a compacted file's first frame; a second copy lies behind the frames that were kept, so that
/// damage to one loses nothing. What it lists follows the first copy without a gap, in the same order, so that where each
/// frame lies now needs no words. See docs/formats/pack.md.
struct PackLocations: Hashable, Sendable {
  /// What references name the frames by. Rising.
  private let offsets: [UInt64]
  /// Where they lie, in the same order.
  private let positions: [UInt64]
  /// Of the frames with their padding.
  let byteCount: UInt64

  var count: Int { offsets.count }

  func position(of offset: UInt64) -> UInt64? { Self.index(of: offset, in: offsets).map { positions[$0] } }

  func offset(at position: UInt64) -> UInt64? { Self.index(of: position, in: positions).map { offsets[$0] } }

  private static func index(of value: UInt64, in values: [UInt64]) -> Int? {
    var range = 0..<values.count
    while !range.isEmpty {
      let middle = range.lowerBound + range.count / 2
      if values[middle] == value { return middle }
      range = values[middle] < value ? middle + 1..<range.upperBound : range.lowerBound..<middle
    }
    return nil
  }

  // MARK: Codec

  /// - Parameter frames: rising, and apart from each other.
  static func record(of frames: [(offset: UInt64, byteCount: UInt32)]) -> PackRecord {
    var writer = ByteWriter(reserving: 4 + 4 * frames.count)
    writer.writeVarint(frames.count)
    var end = PackHeader.endOffset
    for frame in frames {
      writer.writeVarint((frame.offset - end) / PackFrame.alignment)
      writer.writeVarint(UInt64(frame.byteCount))
      end = frame.offset + PackFrame.padded(UInt64(frame.byteCount))
    }
    return PackRecord(kind: .locations, bytes: writer.bytes)
  }

  /// - Parameters:
  ///   - bytes: of the record.
  ///   - start: where the first frame lies.
  init(_ bytes: [UInt8], start: UInt64) throws(DecodingError) {
    var reader = ByteReader(bytes)
    var offsets: [UInt64] = []
    var positions: [UInt64] = []
    var end = PackHeader.endOffset
    var position = start
    for _ in 0..<(try reader.readCount()) {
      let gap = try reader.readVarint()
      let byteCount = try reader.readVarint()
      // Far over what any file has, and far from where sums overflow.
      guard gap < 1 << 58, byteCount >= UInt64(PackFrame.Header.byteCount), byteCount <= UInt64(UInt32.max),
        end < 1 << 62
      else { throw DecodingError(offset: reader.offset, message: "the place of a frame is out of range") }
      let offset = end + gap * PackFrame.alignment
      offsets.append(offset)
      positions.append(position)
      end = offset + PackFrame.padded(byteCount)
      position += PackFrame.padded(byteCount)
    }
    guard reader.remaining == 0 else {
      throw DecodingError(offset: reader.offset, message: "\(reader.remaining) bytes more than expected")
    }
    self.offsets = offsets
    self.positions = positions
    byteCount = position - start
  }

  // MARK: Reading

  /// Reads the table of a compacted file, from its second copy where the first is damaged.
  /// - Throws: `PackProblem` where neither is whole; `FileError`.
  static func read(from pack: PackFile, limit: Int) throws -> PackLocations {
    if let first = try first(of: pack, limit: limit) { return first }
    var scanner = try PackScanner(pack)
    while let item = try scanner.next() {
      guard case .frame(let header, _, let payload) = item,
        let found = decode(header, payload, limit: limit)
      else { continue }
      return found
    }
    throw PackProblem(
      file: pack.path, offset: PackHeader.endOffset, expected: "where the frames of a compacted file lay before",
      found: "both copies damaged")
  }

  private static func first(of pack: PackFile, limit: Int) throws(FileError) -> PackLocations? {
    let start = PackHeader.endOffset
    let bytes = try pack.file.read(at: start, byteCount: PackFrame.Header.byteCount)
    guard let header = try? PackFrame.Header(bytes[...], at: start, salt: pack.salt),
      start + UInt64(header.frameByteCount) <= (try pack.file.byteCount())
    else { return nil }
    let frame = try pack.file.readExactly(at: start, byteCount: Int(header.frameByteCount))
    return decode(header, frame.dropFirst(PackFrame.Header.byteCount), limit: limit)
  }

  /// Both copies have the same length, so either tells where the frames begin.
  private static func decode(_ header: PackFrame.Header, _ payload: ArraySlice<UInt8>, limit: Int) -> PackLocations? {
    guard header.kind == PackRecord.Kind.locations.rawValue,
      let record = try? PackRecord(header: header, payload: payload, limit: limit)
    else { return nil }
    let start = PackHeader.endOffset + PackFrame.padded(UInt64(header.frameByteCount))
    return try? PackLocations(record.bytes, start: start)
  }
}
