import Bytes

/// The posting of a term that is in one document only. It stands in the dictionary.
///
///     posting    := varint ordinal, varint field mask, occurrence*
///     occurrence := varint (gap << 1 | 1 where the term occurs again in the field)
///
/// For each field of the mask the first gap is the position, later ones are the differences less one.
package struct LonePosting: Sendable, Equatable {
  package let ordinal: UInt32
  let mask: UInt16
  /// For each field of the mask, how often; and for all of them where.
  let occurrences: ArraySlice<UInt8>

  package var fields: RecordFields { RecordFields(rawValue: mask) }

  /// - Parameter postings: of one document.
  init(_ postings: TermPostings) {
    precondition(postings.count == 1)
    ordinal = postings.ordinals[0]
    mask = postings.masks[0]
    var writer = ByteWriter()
    var place = 0
    for more in postings.repeats {
      for left in stride(from: more, through: 0, by: -1) {
        writer.writeVarint(UInt64(postings.gaps[place]) << 1 | (left > 0 ? 1 : 0))
        place += 1
      }
    }
    occurrences = writer.bytes[...]
  }

  private init(_ other: LonePosting, ordinal: UInt32) {
    self.ordinal = ordinal
    mask = other.mask
    occurrences = other.occurrences
  }

  /// The same under another ordinal.
  func moved(to ordinal: UInt32) -> LonePosting { LonePosting(self, ordinal: ordinal) }

  func encode(into writer: inout ByteWriter) {
    writer.writeVarint(UInt64(ordinal))
    writer.writeVarint(UInt64(mask))
    writer.write(occurrences)
  }

  /// - Parameter limit: one more than the greatest ordinal there can be.
  init(from reader: inout ByteReader, limit: UInt64) throws(DecodingError) {
    let ordinal = try reader.readVarint()
    let mask = try reader.readVarint()
    guard ordinal < limit, mask > 0, let mask = UInt16(exactly: mask) else {
      throw DecodingError(offset: reader.offset, message: "a posting of ordinal \(ordinal) with mask \(mask)")
    }
    self.ordinal = UInt32(ordinal)
    self.mask = mask
    var rest = reader
    let start = reader.offset
    for _ in 0..<mask.nonzeroBitCount {
      while try reader.readVarint() & 1 != 0 {}
    }
    occurrences = try rest.readBytes(reader.offset - start)
  }

  /// Calls `body` with each occurrence: the number of its field among those of the mask, and the position.
  func forEach(_ body: (_ field: Int, _ position: UInt32) -> Void) throws(DecodingError) {
    var (last, next) = (-1, UInt64(0))
    try forEachGap { field, gap throws(DecodingError) in
      if field != last { (last, next) = (field, 0) }
      next += UInt64(gap)
      guard next < UInt64(UInt32.max) else { throw DecodingError(offset: 0, message: "a position out of range") }
      body(field, UInt32(next))
      next += 1
    }
  }

  /// Calls `body` with each occurrence: the number of its field among those of the mask, and the gap before it.
  func forEachGap(_ body: (_ field: Int, _ gap: UInt32) throws(DecodingError) -> Void) throws(DecodingError) {
    var reader = ByteReader(occurrences)
    for field in 0..<mask.nonzeroBitCount {
      var isMore = true
      var count = 0
      while isMore {
        let value = try reader.readVarint()
        guard let gap = UInt32(exactly: value >> 1) else {
          throw DecodingError(offset: reader.offset, message: "a position out of range")
        }
        try body(field, gap)
        isMore = value & 1 != 0
        count += 1
        if isMore, count == PostingPositions.limit {
          throw DecodingError(offset: reader.offset, message: "a term more than \(count) times in a field")
        }
      }
    }
  }
}
