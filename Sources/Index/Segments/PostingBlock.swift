import Bytes

/// The unit of a posting list: up to 128 postings, each the ordinal of a document and the fields of it that hold the term.
///
///     block := u8 (masks form << 6 | code), gaps, masks
///     gaps  := chunk of `PackedNumbers` by that code: the difference of each ordinal from the one before, less one
///     masks, form 0: all documents have the same: varint mask
///            form 1: varint count of different masks (2 to 16), these as varints in the order in which they come first,
///                    then for each posting the index of its mask in as many bits as that takes (1, 2 or 4)
///            form 2: each posting's mask as a varint
///
/// The first difference is counted from the last ordinal of the block before, -1 for the first block.
enum PostingBlock {
  static let limit = 128

  /// - Parameters:
  ///   - ordinals: ascending, 1 to 128.
  ///   - masks: beside them, none 0.
  ///   - previous: the last ordinal of the block before, -1 for the first block.
  static func encode(
    _ ordinals: Span<UInt32>, _ masks: Span<UInt16>, after previous: Int, into writer: inout ByteWriter
  ) {
    precondition(!ordinals.isEmpty && ordinals.count <= limit && ordinals.count == masks.count)
    var gaps = InlineArray<128, UInt32>(repeating: 0)
    var last = previous
    for index in ordinals.indices {
      gaps[index] = UInt32(Int(ordinals[index]) - last - 1)
      last = Int(ordinals[index])
    }
    let distinct = DistinctMasks(masks)
    let form: UInt8 = distinct.count == 1 ? 0 : distinct.count <= DistinctMasks.limit ? 1 : 2
    let chunk = gaps.span.extracting(first: ordinals.count)
    let plan = PackedNumbers.Plan(chunk)
    writer.write(form << 6 | plan.code)
    plan.encode(chunk, into: &writer)
    switch form {
    case 0: writer.writeVarint(UInt64(masks[0]))
    case 1: encode(masks, of: distinct, into: &writer)
    default: for index in masks.indices { writer.writeVarint(UInt64(masks[index])) }
    }
  }

  /// The different masks of a block in the order in which they come first, as long as they are few.
  private struct DistinctMasks {
    static let limit = 16

    private var masks = InlineArray<16, UInt16>(repeating: 0)
    /// One more than the limit where there are more.
    private(set) var count = 0

    init(_ masks: Span<UInt16>) {
      var last: UInt16 = 0
      for index in masks.indices where masks[index] != last {
        last = masks[index]
        if number(of: last) != nil { continue }
        count += 1
        if count > Self.limit { return }
        self.masks[count - 1] = last
      }
    }

    subscript(number: Int) -> UInt16 { masks[number] }

    func number(of mask: UInt16) -> UInt8? {
      for number in 0..<count where masks[number] == mask { return UInt8(number) }
      return nil
    }
  }

  private static func bits(forMasks count: Int) -> Int { count <= 2 ? 1 : count <= 4 ? 2 : 4 }

  private static func encode(
    _ masks: Span<UInt16>, of distinct: DistinctMasks, into writer: inout ByteWriter
  ) {
    writer.writeVarint(distinct.count)
    for number in 0..<distinct.count { writer.writeVarint(UInt64(distinct[number])) }
    let bits = bits(forMasks: distinct.count)
    var byte: UInt8 = 0
    var used = 0
    for index in masks.indices {
      byte |= (distinct.number(of: masks[index]) ?? 0) << UInt8(used)
      used += bits
      if used == 8 {
        writer.write(byte)
        byte = 0
        used = 0
      }
    }
    if used > 0 { writer.write(byte) }
  }

  /// A decoded block; kept and filled again by who walks a list.
  struct Postings {
    /// Of 128 places once a block was decoded.
    var ordinals: [UInt32] = []
    /// The same, once they were.
    var masks: [UInt16] = []
    var count = 0

    /// Of one document.
    init(_ lone: LonePosting) {
      ordinals = [lone.ordinal]
      masks = [lone.mask]
      count = 1
    }

    init() {}

    fileprivate mutating func makeRoom() {
      if ordinals.count < PostingBlock.limit { ordinals = [UInt32](repeating: 0, count: PostingBlock.limit) }
    }

    /// Of the masks, which most searches never look at.
    fileprivate mutating func makeRoomForMasks() {
      if masks.count < PostingBlock.limit { masks = [UInt16](repeating: 0, count: PostingBlock.limit) }
    }
    /// Where the masks are, as long as nobody asked for one.
    fileprivate(set) var encodedMasks: (form: UInt8, reader: ByteReader)?

    /// Fills `masks`. Behind them the block must end.
    mutating func decodeMasks() throws(DecodingError) {
      guard var encoded = encodedMasks else { return }
      encodedMasks = nil
      try PostingBlock.decodeMasks(from: &encoded.reader, form: encoded.form, count: count, into: &self)
      guard encoded.reader.isAtEnd else {
        throw DecodingError(offset: encoded.reader.offset, message: "bytes behind a block")
      }
    }

    /// By galloping: most leaps are short.
    func firstIndex(notBelow target: UInt32, from start: Int) -> Int {
      let ordinals = ordinals.span
      var low = start
      var step = 1
      while low + step < count, ordinals[low + step] < target {
        low += step
        step *= 2
      }
      var high = min(low + step, count)
      while low < high {
        let middle = (low + high) / 2
        if ordinals[middle] < target { low = middle + 1 } else { high = middle }
      }
      return low
    }
  }

  /// - Parameters:
  ///   - count: of the block's postings, 1 to 128.
  ///   - previous: as it was encoded with.
  ///   - limit: one more than the greatest ordinal there can be.
  ///   - wantsMasks: without, they are decoded when one is asked for, and the reader stands before them.
  static func decode(
    from reader: inout ByteReader, count: Int, after previous: Int, limit: UInt32, wantsMasks: Bool = true,
    into postings: inout Postings
  ) throws(DecodingError) {
    let head = try reader.readUInt8()
    postings.makeRoom()
    postings.count = count
    try reader.readRest { (bytes, index) throws(DecodingError) in
      try PackedNumbers.decodeChunk(
        code: head & 0x3F, bytes, &index, at: 0, count: count, into: &postings.ordinals)
    }
    guard sumGaps(&postings.ordinals, count: count, after: previous) < Int(limit) else {
      throw DecodingError(offset: reader.offset, message: "an ordinal out of range")
    }
    postings.encodedMasks = nil
    if wantsMasks {
      try decodeMasks(from: &reader, form: head >> 6, count: count, into: &postings)
    } else {
      postings.encodedMasks = (head >> 6, reader)
    }
  }

  /// - Returns: the last ordinal, the greatest. Those beyond 32 bits are cut then.
  private static func sumGaps(_ gaps: inout [UInt32], count: Int, after previous: Int) -> Int {
    var ordinals = gaps.mutableSpan
    var last = previous
    for index in 0..<count {
      last = last &+ Int(ordinals[index]) &+ 1
      ordinals[index] = UInt32(truncatingIfNeeded: last)
    }
    return last
  }

  fileprivate static func decodeMasks(
    from reader: inout ByteReader, form: UInt8, count: Int, into postings: inout Postings
  ) throws(DecodingError) {
    postings.makeRoomForMasks()
    switch form {
    case 0:
      let mask = try readMask(&reader)
      var masks = postings.masks.mutableSpan
      for index in 0..<count { masks[index] = mask }
    case 1:
      let distinctCount = try reader.readVarint()
      guard (2...16).contains(distinctCount) else {
        throw DecodingError(offset: reader.offset, message: "\(distinctCount) different field masks")
      }
      // 0 stands for none.
      var distinct = InlineArray<16, UInt16>(repeating: 0)
      for number in 0..<Int(distinctCount) { distinct[number] = try readMask(&reader) }
      let bits = bits(forMasks: Int(distinctCount))
      let bytes = try reader.readBytes((count * bits + 7) / 8)
      guard decode(bytes.span, bits: bits, of: distinct, count: count, into: &postings.masks) else {
        throw DecodingError(offset: reader.offset, message: "a field mask that is not there")
      }
    case 2: for index in 0..<count { postings.masks[index] = try readMask(&reader) }
    default: throw DecodingError(offset: reader.offset, message: "field masks of an unknown form")
    }
  }

  /// - Returns: false where there is a number that no mask has.
  private static func decode(
    _ bytes: Span<UInt8>, bits: Int, of distinct: InlineArray<16, UInt16>, count: Int, into masks: inout [UInt16]
  ) -> Bool {
    var masks = masks.mutableSpan
    let places = 1 << bits - 1
    var least = UInt16.max
    for index in 0..<count {
      let bit = index &* bits
      let mask = distinct[Int(bytes[bit &>> 3] &>> UInt8(truncatingIfNeeded: bit & 7)) & places]
      least = min(least, mask)
      masks[index] = mask
    }
    return least > 0
  }

  private static func readMask(_ reader: inout ByteReader) throws(DecodingError) -> UInt16 {
    let mask = try reader.readVarint()
    guard mask > 0, let mask = UInt16(exactly: mask) else {
      throw DecodingError(offset: reader.offset, message: "the field mask \(mask)")
    }
    return mask
  }
}
