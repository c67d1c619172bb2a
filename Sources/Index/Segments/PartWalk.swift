import Analysis
import Bytes

/// Finds the terms of a dictionary that hold a part. Any term may, so that what a term costs counts: it shares its first bytes with the one
/// before, and whether the part ends among these is known; only bytes that are new are looked at.
struct PartWalk {
  private let matcher: PartMatcher
  /// What blocks must have; `nil` where the part is too short to tell.
  let signature: BlockSignatures.Part?
  private var terms = TermBuffer()

  init(_ matcher: PartMatcher) {
    self.matcher = matcher
    signature = BlockSignatures.Part(matcher.part)
  }

  /// Calls `body` with the entries of those of the block's terms that are wanted.
  mutating func scan(
    _ block: ArraySlice<UInt8>, documentLimit: Int, _ body: (TermEntry) throws -> Void
  ) throws {
    let matcher = matcher
    // Where the part ends first in the term here; `max` where it does not.
    var partEnd = Int.max
    try terms.forEachTerm(
      of: block, documentLimit: documentLimit,
      where: { term, shared in
        if partEnd > shared { partEnd = matcher.end(in: term, from: shared) ?? .max }
        return partEnd != .max
      }, body)
  }
}

/// Puts together the terms of blocks.
struct TermBuffer {
  private var bytes = [UInt8](repeating: 0, count: 1_024)

  /// - Parameters:
  ///   - isWanted: asked of each term, in order; gets how many bytes it shares with the one before.
  ///   - body: called with the entries of the terms that are.
  @inline(__always)
  mutating func forEachTerm(
    of block: ArraySlice<UInt8>, documentLimit: Int, where isWanted: (_ term: Span<UInt8>, _ shared: Int) -> Bool,
    _ body: (TermEntry) throws -> Void
  ) throws {
    // No term of the block is longer than the block is.
    if bytes.count < block.count { bytes = [UInt8](repeating: 0, count: block.count) }
    var term = bytes.mutableSpan
    let encoded = block.span
    var index = 0
    var listOffset = try encoded.readVarint(&index)
    var termByteCount = 0
    while index < encoded.count {
      let shared = try encoded.readVarint(&index)
      let suffixByteCount = try encoded.readVarint(&index)
      guard shared <= UInt64(termByteCount), suffixByteCount <= UInt64(encoded.count - index) else {
        throw DecodingError.endsEarly(at: index)
      }
      let end = index + Int(suffixByteCount)
      termByteCount = Int(shared)
      while index < end {
        term[termByteCount] = encoded[index]
        termByteCount += 1
        index += 1
      }
      if isWanted(term.span.extracting(first: termByteCount), Int(shared)) {
        var entry = TermDictionary.BlockReader(
          entry: block[(block.startIndex + end)...], listOffset: listOffset, documentLimit: documentLimit)
        try body(entry.nextEntry())
      }
      try TermDictionary.skipEntry(encoded, &index, &listOffset)
    }
  }
}
