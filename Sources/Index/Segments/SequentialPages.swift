import Bytes

/// Reads a segment front to back, past the cache: what a merge reads once would drive out what searches read again and again.
struct SequentialPages {
  /// Pages that are read at a time.
  private static let pageCount: UInt64 = 32

  private let segment: SegmentReader
  /// Bytes of the stream from `offset` on.
  private var window: [UInt8] = []
  private var offset: UInt64 = 0

  init(_ segment: SegmentReader) { self.segment = segment }

  /// Bytes of the stream, checked. Any may be asked for; those behind the last ones are there already.
  mutating func read(at start: UInt64, byteCount: Int) throws -> ArraySlice<UInt8> {
    if start < offset || start + UInt64(byteCount) > offset + UInt64(window.count) {
      let pageSize = UInt64(PagedWriter.pageByteCount)
      let first = start / pageSize
      let end = max(first + Self.pageCount, (start + UInt64(byteCount) + pageSize - 1) / pageSize)
      window = try segment.readPages(first..<end)
      offset = first * pageSize
    }
    let begin = Int(start - offset)
    guard byteCount <= window.count - begin else {
      throw IndexError.corrupt(segment.path, at: start, "\(byteCount) bytes beyond the stream's end")
    }
    return window[begin..<begin + byteCount]
  }
}
