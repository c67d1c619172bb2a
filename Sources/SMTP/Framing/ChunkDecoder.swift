/// Counts off the content of BDAT's chunks (RFC 3030 §2), which is taken as it is: nothing is stuffed, and nothing in it
/// means anything.
///
/// A CR LF may be cut by the end of a chunk. A CR or LF alone may not stand in content that is no BINARYMIME, however it
/// is sent (RFC 3030 §2, RFC 5321 §2.3.8), and is noticed as in `DataDecoder`.
struct ChunkDecoder: Sendable {
  /// Content so far, of all chunks.
  private(set) var byteCount = 0
  private(set) var hasBareLineEnding = false
  /// Of the chunk that is coming in.
  private(set) var missingByteCount = 0
  private(set) var hasBegun = false
  private var sawCarriageReturn = false

  /// The next `byteCount` bytes are content.
  mutating func beginChunk(byteCount: Int) {
    hasBegun = true
    missingByteCount = byteCount
  }

  /// Takes what `bytes` hold of the chunk from `position` on.
  mutating func decode(_ bytes: [UInt8], at position: inout Int) -> [UInt8] {
    let count = min(missingByteCount, bytes.count - position)
    let content = position == 0 && count == bytes.count ? bytes : Array(bytes[position..<position + count])
    position += count
    missingByteCount -= count
    byteCount += count
    checkLineEndings(content)
    return content
  }

  /// No chunk follows: a CR at the very end stays alone.
  mutating func endContent() {
    if sawCarriageReturn { hasBareLineEnding = true }
  }

  private mutating func checkLineEndings(_ content: [UInt8]) {
    if hasBareLineEnding { return }
    let span = content.span
    var index = 0
    while index < span.count {
      if sawCarriageReturn {
        guard span[index] == 10 else { return hasBareLineEnding = true }
        sawCarriageReturn = false
        index += 1
        continue
      }
      while index < span.count, span[index] > 13 || (span[index] != 10 && span[index] != 13) { index += 1 }
      guard index < span.count else { return }
      guard span[index] == 13 else { return hasBareLineEnding = true }
      sawCarriageReturn = true
      index += 1
    }
  }
}
