import Bytes

/// What opening found in a file that was still being written.
struct RecoveredPack {
  let pack: PackFile
  /// Where the next frame goes.
  let endOffset: UInt64
  let frameCount: UInt64
  let isSealed: Bool
  /// Damage that whole frames follow.
  let problems: [PackProblem]
  /// The first broken frame of a torn tail that was cut off: what a power loss in the middle of a write leaves.
  let cutTail: PackProblem?
}

/// A whole frame that recovery came by.
struct RecoveredFrame {
  let header: PackFrame.Header
  let reference: BlobReference
  let payload: ArraySlice<UInt8>
}

/// Brings a file that a process left behind into order: every frame that may have been acknowledged stays, what an
/// unfinished write left goes.
///
/// Each write is synced before the next one starts, and each frame knows how far behind its write began. So all before
/// the last write was durable, and damage there is damage. In the last write, or after it:
/// - nothing whole follows: a torn tail. It is cut off.
/// - whole frames follow: they stay (they may have been acknowledged), the gap is reported and covered by a `void`
///   frame, so that it is not found again.
///
/// The last write is written again and synced: when its sync failed, the kernel may hold it in memory only.
struct PackRecovery {
  let files: PackFiles
  let place: PackFiles.Place

  /// - Parameter visit: called for every whole frame, in order.
  /// - Returns: `nil` when the file never got so far that it could hold a frame; it is removed then.
  func recover(
    _ number: UInt32, visit: (RecoveredFrame) throws -> Void
  ) throws -> RecoveredPack? {
    let pack: PackFile
    do {
      pack = try files.open(number, in: place, .readWrite)
    } catch let problem as PackProblem {
      if try !holdsOnlyZeros(number) { throw problem }
      try files.remove(number, from: place)
      return nil
    }

    var scan = try scan(pack, visit)
    if scan.frameCount == 0 && scan.gaps.isEmpty {
      try files.remove(number, from: place)
      return nil
    }
    try settle(pack, &scan)
    return RecoveredPack(
      pack: pack, endOffset: scan.endOffset, frameCount: scan.frameCount, isSealed: scan.isSealed,
      problems: scan.gaps.map(\.problem), cutTail: scan.cutTail)
  }

  private struct Scan {
    var endOffset = PackHeader.endOffset
    var frameCount: UInt64 = 0
    var isSealed = false
    /// Where the write of the last whole frame began.
    var lastBatchStart = PackHeader.endOffset
    /// Damage that whole frames follow.
    var gaps: [(problem: PackProblem, byteCount: UInt64)] = []
    /// Damage that nothing follows.
    var cutTail: PackProblem?
  }

  private func scan(
    _ pack: PackFile, _ visit: (RecoveredFrame) throws -> Void
  ) throws -> Scan {
    var scan = Scan()
    var unsettled: [(problem: PackProblem, byteCount: UInt64)] = []
    var scanner = try PackScanner(pack)
    while let item = try scanner.next() {
      switch item {
      case .damage(let problem, let byteCount): unsettled.append((problem, byteCount))
      case .frame(let header, let offset, let payload):
        scan.gaps += unsettled
        unsettled = []
        scan.endOffset = offset + PackFrame.padded(UInt64(header.frameByteCount))
        scan.frameCount += 1
        scan.isSealed = header.kind == PackRecord.Kind.seal.rawValue
        scan.lastBatchStart = offset - min(offset, UInt64(header.batchOffset))
        let reference = BlobReference(pack: pack.number, offset: offset, byteCount: header.frameByteCount)
        try visit(RecoveredFrame(header: header, reference: reference, payload: payload))
      }
    }
    scan.cutTail = unsettled.first?.problem
    return scan
  }

  private func settle(_ pack: PackFile, _ scan: inout Scan) throws {
    for gap in scan.gaps where gap.problem.offset >= scan.lastBatchStart {
      try cover(gap.problem.offset, byteCount: gap.byteCount, of: pack, batchStart: scan.lastBatchStart)
      scan.frameCount += 1
    }
    let start = max(scan.lastBatchStart, PackHeader.endOffset)
    if start < scan.endOffset {
      // The last frame's padding may lie beyond the end of a file that was cut.
      let bytes = try pack.file.read(at: start, byteCount: Int(scan.endOffset - start))
      try pack.file.write(bytes, at: start)
    }
    // Behind the end nothing may be left that could look like a frame once something is written before it.
    try pack.file.truncate(to: scan.endOffset)
    try pack.file.syncData()
    try files.fileSystem.syncDirectory(parentDirectory(of: pack.path))
  }

  /// Turns the bytes of a gap into the payload of a `void` frame; only its first 24 bytes are lost.
  private func cover(_ offset: UInt64, byteCount: UInt64, of pack: PackFile, batchStart: UInt64) throws {
    let headerByteCount = UInt64(PackFrame.Header.byteCount)
    guard byteCount >= headerByteCount, let frameByteCount = UInt32(exactly: byteCount) else { return }
    let payload = try pack.file.readExactly(
      at: offset + headerByteCount, byteCount: Int(byteCount - headerByteCount))
    let header = PackFrame.Header(
      frameByteCount: frameByteCount, kind: PackRecord.Kind.void.rawValue, encoding: PackFrame.Encoding.raw.rawValue,
      batchOffset: UInt32(offset - batchStart), payloadChecksum: CRC32C.checksum(payload),
      plainByteCount: frameByteCount - UInt32(headerByteCount))
    var writer = ByteWriter(reserving: PackFrame.Header.byteCount)
    header.encode(into: &writer, at: offset, salt: pack.salt)
    try pack.file.write(writer.bytes, at: offset)
  }

  private func holdsOnlyZeros(_ number: UInt32) throws -> Bool {
    let file = try files.fileSystem.open(files.path(of: number, in: place), .read)
    defer { file.close() }
    var offset = PackHeader.endOffset
    while true {
      let bytes = try file.read(at: offset, byteCount: 1 << 20)
      if bytes.isEmpty { return true }
      if bytes.contains(where: { $0 != 0 }) { return false }
      offset += UInt64(bytes.count)
    }
  }
}
