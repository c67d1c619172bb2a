import Bytes

/// Reads a stretch of a segment front to back, past the cache: what a merge reads once would drive out what searches read again
/// and again. Pages that hold nothing of the stretch are not read: they are other users', and damage there is no concern of this one.
struct SequentialPages {
  /// Pages that are read at a time.
  private static let pageCount: UInt64 = 32

  private let segment: SegmentReader
  /// Where the stretch ends.
  private let end: UInt64
  /// Bytes of the stream from `offset` on.
  private var window: [UInt8] = []
  private var offset: UInt64 = 0

  init(_ segment: SegmentReader, upTo end: UInt64) {
    self.segment = segment
    self.end = end
  }

  /// Bytes of the stream, checked. Any of the stretch may be asked for; those behind the last ones are mostly there already.
  mutating func read(at start: UInt64, byteCount: Int) throws -> ArraySlice<UInt8> {
    guard start <= end, UInt64(byteCount) <= end - start else {
      throw IndexError.corrupt(segment.path, at: start, "\(byteCount) bytes beyond the end of what is read")
    }
    if start < offset || start + UInt64(byteCount) > offset + UInt64(window.count) {
      let pageSize = UInt64(PagedWriter.pageByteCount)
      func page(behind place: UInt64) -> UInt64 { (place + pageSize - 1) / pageSize }
      let first = start / pageSize
      let last = max(min(first + Self.pageCount, page(behind: end)), page(behind: start + UInt64(byteCount)))
      window = try segment.readPages(first..<last)
      offset = first * pageSize
    }
    let begin = Int(start - offset)
    guard byteCount <= window.count - begin else {
      throw IndexError.corrupt(segment.path, at: start, "\(byteCount) bytes beyond the stream's end")
    }
    return window[begin..<begin + byteCount]
  }
}
