import Bytes

/// Moves what is whole of a damaged run to a new one: frames as they are, of documents that are live, checked one by one.
struct RunSalvage {
  private let index: ShardIndex
  private let source: ShadowSource
  private let throttle: () throws -> Void
  /// The segments that stay.
  private let segments: IndexVersion
  private(set) var keptCount = 0
  private var user: UserID?
  private var live = DocIDBitmap()
  private var covered = DocIDBitmap()
  private var last: (user: UInt32, docID: UInt32) = (0, 0)

  init(
    _ index: ShardIndex, _ source: ShadowSource, keeping segments: IndexVersion, _ throttle: @escaping () throws -> Void
  ) {
    self.index = index
    self.source = source
    self.segments = segments
    self.throttle = throttle
  }

  /// - Parameter path: of the damaged run, wherever it lies.
  /// - Returns: the new run, durable and not yet listed; `nil` where nothing is whole.
  mutating func salvage(_ path: String) throws -> RunReader? {
    let file = try index.fileSystem.open(path, .read)
    defer { file.close() }
    var writer = try RunWriter(
      fileSystem: index.fileSystem, directory: index.directory, number: index.reserveFileNumber(),
      analyzerHash: index.analyzerHash)
    do {
      let (end, fences) = try Self.outline(path, file)
      var scan = RunScan(path, file, end: end, fences: fences)
      while let item = try scan.next() {
        guard case .block(_, let head, let framesOffset) = item else { continue }
        try keep(head, framesOffset, of: file, in: &writer)
      }
      if keptCount == 0 {
        writer.discard()
        return nil
      }
      _ = try writer.finish()
      try index.fileSystem.syncDirectory(index.directory)
      return try RunReader(fileSystem: index.fileSystem, directory: index.directory, number: writer.number)
    } catch {
      writer.discard()
      throw error
    }
  }

  /// Where the blocks end and what the fences say, as far as footer and fences are whole.
  private static func outline(_ path: String, _ file: any File) throws -> (end: UInt64, fences: RunFences?) {
    let byteCount = try file.byteCount()
    let (header, footer) = (UInt64(IndexFileFormat.headerByteCount), UInt64(IndexFileFormat.footerByteCount))
    guard byteCount >= header + footer else { return (byteCount, nil) }
    guard let bytes = try? file.read(at: byteCount - footer, byteCount: Int(footer)),
      let found = try? IndexFileFormat.run.decodeFooter(bytes),
      (header...byteCount - footer).contains(found.fencesOffset)
    else { return (byteCount, nil) }
    let fences = try? RunFences(
      decoding: file.read(at: found.fencesOffset, byteCount: Int(byteCount - footer - found.fencesOffset)),
      blocksFrom: header, to: found.fencesOffset)
    return (found.fencesOffset, fences)
  }

  private mutating func keep(
    _ head: RunBlockHead, _ framesOffset: UInt64, of file: any File, in writer: inout RunWriter
  ) throws {
    let user = UserID(rawValue: head.user)
    if index.isRemoved(user) { return }
    try begin(user)
    for place in head.docIDs.indices {
      let docID = DocID(rawValue: head.docIDs[place])
      // A new run is written in order, whatever the bytes of the old one say.
      guard live.contains(docID), (head.user, docID.rawValue) > last || keptCount == 0 else { continue }
      let byteCount = Int(head.frameOffsets[place + 1] - head.frameOffsets[place])
      let frame = (try? file.read(at: framesOffset + head.frameOffsets[place], byteCount: byteCount)) ?? []
      let isCovered = covered.contains(docID)
      guard frame.count == byteCount, CRC32C.checksum(frame) == head.frameChecksums[place],
        let record = try? encoded(frame, isFiltered: !isCovered)
      else { continue }
      try writer.append(user, docID, record, isFiltered: !isCovered)
      last = (head.user, docID.rawValue)
      keptCount += 1
      if keptCount % 64 == 0 { try throttle() }
    }
  }

  /// What a segment holds needs no filter.
  private func encoded(_ frame: [UInt8], isFiltered: Bool) throws -> EncodedRecord {
    if isFiltered { return try EncodedRecord.make(frame: frame, index.analyzers) }
    _ = try EncodedRecord.open(frame)
    return EncodedRecord(frame: frame, termHashes: [])
  }

  private mutating func begin(_ user: UserID) throws {
    if self.user == user { return }
    self.user = user
    live = DocIDBitmap(try source.documents(user).map(\.docID))
    covered = try segments.files(of: user).parts(analyzerHash: index.analyzerHash, cache: index.caches.parts)
      .reduce(DocIDBitmap()) { $0.union($1.documents) }
      .subtracting(segments.replaced[user] ?? DocIDBitmap())
  }
}
