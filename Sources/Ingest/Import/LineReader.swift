/// Cuts a byte source into lines. A line over the limit is handed over in pieces, so that one endless line cannot take
/// the memory.
struct LineReader {
  struct Line {
    /// With the line feed, where there is one.
    let bytes: ArraySlice<UInt8>
    /// False for the further pieces of a long line.
    let isStart: Bool

    var isEmpty: Bool { isStart && (bytes == [0x0A] || bytes == [0x0D, 0x0A]) }
  }

  private let source: ByteSource
  private var buffer: [UInt8] = []
  private var start = 0
  private var isAtEnd = false
  private var isInsideLine = false
  static let maxPiece = 1 << 20

  init(_ source: ByteSource) { self.source = source }

  /// - Returns: the next line or piece of one, or `nil` at the end.
  mutating func next() throws -> Line? {
    var searchedCount = 0
    while true {
      if let newline = buffer[(start + searchedCount)...].firstIndex(of: UInt8(ascii: "\n")) {
        return take(newline + 1 - start, endsLine: true)
      }
      searchedCount = buffer.count - start
      if searchedCount >= Self.maxPiece || isAtEnd {
        return searchedCount == 0 ? nil : take(searchedCount, endsLine: false)
      }
      try fill()
    }
  }

  /// Looks at bytes further on without taking any.
  /// - Returns: up to `byteCount` bytes from `distance` on, fewer at the end; `nil` when the source ends before `distance`.
  mutating func peek(at distance: Int, byteCount: Int) throws -> ArraySlice<UInt8>? {
    while buffer.count - start < distance + byteCount, !isAtEnd { try fill() }
    let from = start + distance
    return from > buffer.count ? nil : buffer[from...].prefix(byteCount)
  }

  private mutating func take(_ byteCount: Int, endsLine: Bool) -> Line {
    let line = Line(bytes: buffer[start..<(start + byteCount)], isStart: !isInsideLine)
    start += byteCount
    isInsideLine = !endsLine
    return line
  }

  private mutating func fill() throws {
    // Only when it is the larger part: what is kept is moved.
    if start > buffer.count / 2 {
      buffer.removeFirst(start)
      start = 0
    }
    if let chunk = try source.next() { buffer += chunk } else { isAtEnd = true }
  }
}
