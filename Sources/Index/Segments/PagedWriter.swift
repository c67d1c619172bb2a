import Bytes

/// Writes a stream of bytes as pages with a checksum each: what a reader takes out of the middle of a large file is checked
/// without reading the rest.
///
///     paged := page*, all of them full but the last
///     page  := 1 to 4,096 bytes of the stream, u32 CRC32C of them
struct PagedWriter {
  static let pageByteCount = 4_096
  static let checksumByteCount = 4

  /// How long the stream is that pages of so many bytes, checksums included, carry; `nil` where no pages are so long.
  static func streamByteCount(ofPages byteCount: UInt64) -> UInt64? {
    let (page, checksum) = (UInt64(pageByteCount), UInt64(checksumByteCount))
    let (full, rest) = byteCount.quotientAndRemainder(dividingBy: page + checksum)
    guard rest == 0 || rest > checksum else { return nil }
    return full * page + (rest == 0 ? 0 : rest - checksum)
  }
  private static let bufferByteCount = 256 << 10

  private let file: any File
  private let onWrite: (_ byteCount: Int) -> Void
  private var page: [UInt8] = []
  private var buffer: [UInt8]
  private var hash = FileHash()
  private var written: UInt64 = 0
  /// Bytes of the stream so far.
  private(set) var count: UInt64 = 0

  /// - Parameters:
  ///   - header: stands before the pages.
  ///   - onWrite: told of all that goes to the file.
  init(file: any File, header: [UInt8], onWrite: @escaping (_ byteCount: Int) -> Void = { _ in }) {
    self.file = file
    self.onWrite = onWrite
    buffer = header
    page.reserveCapacity(Self.pageByteCount)
  }

  /// Bytes of the file so far, those of the page under construction estimated.
  var byteCount: UInt64 { written + UInt64(buffer.count + page.count) }

  mutating func write(_ bytes: [UInt8]) throws(FileError) {
    count += UInt64(bytes.count)
    var rest = bytes[...]
    while !rest.isEmpty {
      let part = rest.prefix(Self.pageByteCount - page.count)
      page += part
      rest = rest.dropFirst(part.count)
      if page.count == Self.pageByteCount { try closePage() }
    }
  }

  /// - Parameter footer: made of where the fences begin and the hash of everything before the footer.
  /// - Returns: the file's size. Its bytes are durable, its name not yet.
  mutating func finish(fences: [UInt8], footer: (_ fencesOffset: UInt64, _ fileHash: UInt64) -> [UInt8])
    throws(FileError) -> UInt64
  {
    if !page.isEmpty { try closePage() }
    let fencesOffset = written + UInt64(buffer.count)
    buffer += fences
    try writeBuffer()
    buffer = footer(fencesOffset, hash.value)
    try writeBuffer()
    try file.syncData()
    file.close()
    return written
  }

  func close() { file.close() }

  private mutating func closePage() throws(FileError) {
    buffer += page
    let checksum = CRC32C.checksum(page)
    for shift in stride(from: UInt32(0), to: 32, by: 8) { buffer.append(UInt8(truncatingIfNeeded: checksum >> shift)) }
    page.removeAll(keepingCapacity: true)
    if buffer.count >= Self.bufferByteCount { try writeBuffer() }
  }

  private mutating func writeBuffer() throws(FileError) {
    try file.write(buffer, at: written)
    hash.update(buffer)
    written += UInt64(buffer.count)
    onWrite(buffer.count)
    buffer.removeAll(keepingCapacity: true)
  }
}
