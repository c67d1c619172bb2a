import Bytes

/// A page of a segment, by the segment's file number.
struct PageKey: Hashable, Sendable {
  let file: UInt64
  let page: UInt64
}

/// One open segment. Immutable but for the file descriptor it keeps: a snapshot that holds the reader reads on, also after
/// the file's name is gone. Calls block on reads and may run on any thread.
final class SegmentReader: Sendable {
  let number: UInt64
  let analyzerHash: UInt64
  let byteCount: UInt64
  let documentCount: UInt64
  /// Of the parts that count.
  let fences: SegmentFences
  /// Users whose part was made anew in another segment: it takes space here until a merge, and is read by nobody.
  let voidedUsers: Set<UserID>
  private let envelope: IndexFileEnvelope
  private let streamByteCount: UInt64
  private let file: any File
  private let cache: GenerationCache<PageKey, [UInt8]>
  let columns: ColumnCache
  let signatures: GenerationCache<PartKey, BlockSignatures>

  var path: String { file.path }

  /// Reads header, footer and fences.
  /// - Throws: `IndexError` with code `.corrupt`, naming the file, where the bytes are not a segment.
  convenience init(
    fileSystem: any FileSystem, directory: String, number: UInt64, voiding users: Set<UserID> = [],
    caches: IndexCaches
  ) throws {
    let path = directory + "/" + IndexFileFormat.segment.fileName(number)
    try self.init(fileSystem: fileSystem, path: path, number: number, voiding: users, caches: caches)
  }

  init(
    fileSystem: any FileSystem, path: String, number: UInt64, voiding users: Set<UserID> = [],
    caches: IndexCaches
  ) throws {
    let format = IndexFileFormat.segment
    file = try fileSystem.open(path, .read)
    envelope = try IndexFileEnvelope(file: file, format: format, number: number)
    guard let streamByteCount = PagedWriter.streamByteCount(ofPages: envelope.contentByteCount) else {
      throw IndexError.corrupt(path, at: 0, "\(envelope.contentByteCount) bytes are no pages")
    }
    self.streamByteCount = streamByteCount
    let fenceBytes = try file.readExactly(at: envelope.footer.fencesOffset, byteCount: envelope.fencesByteCount)
    fences = try IndexError.naming(path, at: envelope.footer.fencesOffset) { () throws(DecodingError) in
      try SegmentFences(decoding: fenceBytes, streamByteCount: streamByteCount)
    }.removing(users)
    voidedUsers = users
    self.number = number
    cache = caches.pages
    columns = caches.columns
    signatures = caches.signatures
    byteCount = envelope.byteCount
    analyzerHash = envelope.header.analyzerHash
    documentCount = envelope.footer.recordCount
  }

  /// The same file, but that the user's part of it does not count any more.
  func voiding(_ user: UserID) -> SegmentReader {
    fences.part(of: user) == nil ? self : SegmentReader(self, voiding: user)
  }

  private init(_ segment: SegmentReader, voiding user: UserID) {
    number = segment.number
    analyzerHash = segment.analyzerHash
    byteCount = segment.byteCount
    documentCount = segment.documentCount
    fences = segment.fences.removing([user])
    voidedUsers = segment.voidedUsers.union([user])
    envelope = segment.envelope
    streamByteCount = segment.streamByteCount
    file = segment.file
    cache = segment.cache
    columns = segment.columns
    signatures = segment.signatures
  }

  /// Whether most of the file is parts that do not count.
  var isMostlyVoid: Bool {
    !voidedUsers.isEmpty && fences.parts.reduce(0) { $0 + $1.byteCount } < streamByteCount / 2
  }

  func readHead(_ part: SegmentFences.Part) throws -> SegmentPartHead {
    let bytes = try read(at: part.headOffset, byteCount: Int(part.headByteCount))
    return try IndexError.naming(path, at: part.headOffset) { () throws(DecodingError) in
      try SegmentPartHead(decoding: Array(bytes), part)
    }
  }

  /// Bytes of the stream, checked. Those of one page are not copied.
  func read(at offset: UInt64, byteCount: Int) throws -> ArraySlice<UInt8> {
    let pageSize = UInt64(PagedWriter.pageByteCount)
    guard byteCount > 0 else { return [] }
    guard offset <= streamByteCount, UInt64(byteCount) <= streamByteCount - offset else {
      throw IndexError.corrupt(path, at: offset, "\(byteCount) bytes beyond the stream's end")
    }
    let first = offset / pageSize
    let last = (offset + UInt64(byteCount) - 1) / pageSize
    let start = Int(offset - first * pageSize)
    if first == last { return try page(first)[start..<start + byteCount] }
    var bytes: [UInt8] = []
    bytes.reserveCapacity(byteCount)
    for index in first...last {
      let page = try page(index)
      bytes +=
        page[(index == first ? start : 0)..<min(page.count, (index == first ? start : 0) + byteCount - bytes.count)]
    }
    return bytes[...]
  }

  /// The bytes of the page that holds them all, those before and behind included; where no page does, a copy of them alone.
  /// - Returns: the bytes, and where they begin.
  func readPage(around offset: UInt64, byteCount: Int) throws -> (bytes: ArraySlice<UInt8>, offset: UInt64) {
    let pageSize = UInt64(PagedWriter.pageByteCount)
    let index = offset / pageSize
    guard byteCount > 0, offset + UInt64(byteCount) <= min((index + 1) * pageSize, streamByteCount) else {
      return (try read(at: offset, byteCount: byteCount), offset)
    }
    return (try page(index)[...], index * pageSize)
  }

  private func page(_ index: UInt64) throws -> [UInt8] {
    try cache.value(for: PageKey(file: number, page: index), byteCount: { $0.count + 64 }) { try readPage(index) }
  }

  private func readPage(_ index: UInt64) throws -> [UInt8] { try readPages(index..<index + 1) }

  /// Pages of the stream, checked, as far as there are so many.
  func readPages(_ range: Range<UInt64>) throws -> [UInt8] {
    let pageSize = UInt64(PagedWriter.pageByteCount)
    let pageCount = (streamByteCount + pageSize - 1) / pageSize
    let range = range.clamped(to: 0..<pageCount)
    if range.isEmpty { return [] }
    let stored = PagedWriter.pageByteCount + PagedWriter.checksumByteCount
    let count = Int(min(UInt64(range.count) * pageSize, streamByteCount - range.lowerBound * pageSize))
    let offset = UInt64(IndexFileFormat.headerByteCount) + range.lowerBound * UInt64(stored)
    var bytes: [UInt8]
    do {
      bytes = try file.readExactly(at: offset, byteCount: count + range.count * PagedWriter.checksumByteCount)
    } catch {
      throw IndexError.corrupt(path, at: offset, error.message)
    }
    if range.count == 1 {
      try check(bytes[...], at: offset)
      bytes.removeLast(PagedWriter.checksumByteCount)
      return bytes
    }
    var pages: [UInt8] = []
    pages.reserveCapacity(count)
    for start in stride(from: 0, to: bytes.count, by: stored) {
      let page = bytes[start...].prefix(stored)
      try check(page, at: offset + UInt64(start))
      pages += page.prefix(page.count - PagedWriter.checksumByteCount)
    }
    return pages
  }

  /// - Parameter page: with its checksum.
  private func check(_ page: ArraySlice<UInt8>, at offset: UInt64) throws {
    var trailer = ByteReader(page.suffix(PagedWriter.checksumByteCount))
    let expected = try trailer.readUInt32()
    let found = CRC32C.checksum(page.prefix(page.count - PagedWriter.checksumByteCount))
    guard expected == found else {
      throw IndexError.corrupt(path, at: offset, "checksum of a page: expected \(expected), found \(found)")
    }
  }

  /// Reads every byte and checks every checksum, and that every part can be read.
  func verify() -> [IndexProblem] {
    var problems: [IndexProblem] = []
    for fence in fences.parts {
      do {
        try SegmentPart(self, fence).verify()
      } catch {
        problems.append(
          IndexProblem(file: path, user: UserID(rawValue: fence.user), docID: nil, message: "\(error)"))
      }
    }
    if let problem = envelope.verifyHash(of: file) { problems.append(problem) }
    return problems
  }
}
