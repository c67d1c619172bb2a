import Bytes

/// Reads ranges of the stream that a `PagedWriter` wrote, past every cache: for what is read once, from its beginning to its end.
struct PagedReader: Sendable {
  let streamByteCount: UInt64
  private let file: any File
  /// Where the pages begin in the file.
  private let start: UInt64

  /// - Parameter byteCount: of the pages with their checksums.
  /// - Throws: `IndexError` with code `.corrupt` where no pages are so many bytes.
  init(_ file: any File, from start: UInt64, byteCount: UInt64) throws(IndexError) {
    guard let streamByteCount = PagedWriter.streamByteCount(ofPages: byteCount) else {
      throw IndexError.corrupt(file.path, at: start, "\(byteCount) bytes are no pages")
    }
    self.streamByteCount = streamByteCount
    self.file = file
    self.start = start
  }

  /// Bytes of the stream, checked: one read, of whole pages.
  /// - Throws: `IndexError` with code `.corrupt`; `FileError` where the file cannot be read just now.
  func read(at offset: UInt64, byteCount: Int) throws -> [UInt8] {
    guard byteCount > 0 else { return [] }
    guard offset <= streamByteCount, UInt64(byteCount) <= streamByteCount - offset else {
      throw IndexError.corrupt(file.path, at: offset, "\(byteCount) bytes beyond the stream's end")
    }
    let page = UInt64(PagedWriter.pageByteCount)
    let stored = page + UInt64(PagedWriter.checksumByteCount)
    let first = offset / page
    let end = min(((offset + UInt64(byteCount) - 1) / page + 1) * page, streamByteCount)
    let pageCount = (end - first * page + page - 1) / page
    let bytes = try readFile(
      at: start + first * stored,
      byteCount: Int(end - first * page + pageCount * UInt64(PagedWriter.checksumByteCount)))
    var stream: [UInt8] = []
    stream.reserveCapacity(byteCount)
    var rest = bytes[...]
    while !rest.isEmpty {
      let whole = rest.prefix(Int(stored))
      rest = rest.dropFirst(whole.count)
      let content = whole.dropLast(PagedWriter.checksumByteCount)
      try check(content, whole, at: start + first * stored + UInt64(whole.startIndex))
      let skipped = stream.isEmpty && content.startIndex == 0 ? Int(offset - first * page) : 0
      stream += content.dropFirst(skipped).prefix(byteCount - stream.count)
    }
    return stream
  }

  private func check(_ content: ArraySlice<UInt8>, _ whole: ArraySlice<UInt8>, at offset: UInt64) throws(IndexError) {
    let expected = whole.suffix(PagedWriter.checksumByteCount).reversed().reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
    let found = CRC32C.checksum(content)
    guard expected == found else {
      throw IndexError.corrupt(file.path, at: offset, "checksum of a page: expected \(expected), found \(found)")
    }
  }

  /// What will not go away is damage, named as such: a file that ends early, a sector that cannot be read.
  private func readFile(at offset: UInt64, byteCount: Int) throws -> [UInt8] {
    do {
      return try file.readExactly(at: offset, byteCount: byteCount)
    } catch let error where !error.isTemporary {
      throw IndexError.corrupt(file.path, at: offset, error.message)
    }
  }
}
