import Bytes

/// What became of a pack that was to be compacted.
package enum PackSweepOutcome: Sendable, Equatable {
  /// - Parameters:
  ///   - freed: bytes that the file has less than before.
  ///   - kept: bytes of the file now, 0 where it went altogether.
  case compacted(freed: UInt64, kept: UInt64)
  /// Nothing in it may go.
  case unchanged
  /// The file is not touched, for the reason given.
  case leftAlone(String)
}

/// Writes a sealed pack anew with only the frames that are to stay, and puts that file in the place of the old one.
///
///     read and check every frame ─→ write NNNNNNNNNN.pack.compacted ─→ sync ─→ read it back ─→ rename ─→ sync the directory
///
/// Until the rename nothing has changed; from then on a reader finds a whole file, whichever of the two a power loss leaves. Where
/// a single byte of the old file is not as it should be, it is left alone: what is damaged may be wanted for a rescue.
struct PackRewriter {
  let files: PackFiles
  let number: UInt32
  /// Offsets, as references have them, of the frames that are referred to.
  let live: [UInt64]
  /// Attachments stay, whether anything is known to refer to them or not.
  let keepsAttachments: Bool
  /// Told of bytes read and written; may wait, and may throw to stop.
  let pace: (Int) throws -> Void

  private struct Frame {
    let header: PackFrame.Header
    /// In the old file.
    let position: UInt64
    /// As references name it.
    let offset: UInt64
  }

  private static let chunkByteCount = 1 << 20

  func run() throws -> PackSweepOutcome {
    let pack = try files.open(number)
    let frames: [Frame]
    let droppedCount: Int
    switch try choose(from: pack) {
    case .failure(let reason): return .leftAlone(reason.text)
    case .success(let chosen): (frames, droppedCount) = chosen
    }
    if droppedCount == 0 { return .unchanged }
    let before = try pack.file.byteCount()
    // The highest number must stay in use: a queue item's number is made of it, and must never come again.
    if frames.isEmpty && number != files.numbers(in: .sealed).last {
      try files.removeSealed(number)
      return .compacted(freed: before, kept: 0)
    }
    let path = files.rewrittenPath(of: number)
    do {
      let after = try write(frames, of: pack, to: path)
      try files.replaceSealed(number)
      return .compacted(freed: before - min(before, after), kept: after)
    } catch {
      // After the rename there is none of that name.
      try? files.fileSystem.remove(path)
      throw error
    }
  }

  private struct Reason: Error {
    let text: String
  }

  /// The frames that stay, in their order, and how many go. Reads the whole file.
  private func choose(from pack: PackFile) throws -> Result<(kept: [Frame], droppedCount: Int), Reason> {
    func damaged(_ problem: PackProblem) -> Result<(kept: [Frame], droppedCount: Int), Reason> {
      .failure(Reason(text: problem.description))
    }
    var missing = Set(live)
    let referred = missing
    var frames: [Frame] = []
    var count: UInt64 = 0
    var droppedCount = 0
    var seal: PackSeal?
    var scanner = try PackScanner(pack)
    while let item = try scanner.next() {
      guard case .frame(let header, let position, let payload) = item else {
        guard case .damage(let problem, _) = item else { continue }
        return damaged(problem)
      }
      try pace(Int(header.frameByteCount))
      let record: PackRecord
      do throws(PackFrame.Damage) {
        record = try PackRecord(header: header, payload: payload, limit: files.options.maxRecordByteCount)
      } catch {
        return damaged(
          PackProblem(file: pack.path, offset: position, expected: error.expected, found: error.found))
      }
      seal = nil
      if record.kind == .seal {
        seal = try? PackSeal(record.bytes)
        continue
      }
      count += 1
      if record.kind == .locations { continue }
      if PackRecord.referable.contains(record.kind), let offset = pack.offset(at: position),
        referred.contains(offset) || (keepsAttachments && record.kind == .attachment)
      {
        missing.remove(offset)
        frames.append(Frame(header: header, position: position, offset: offset))
      } else {
        droppedCount += 1
      }
    }
    guard let seal, seal.frameCount == count else {
      return damaged(
        PackProblem(
          file: pack.path, offset: scanner.offset, expected: "the seal of \(count) frames",
          found: seal.map { "one of \($0.frameCount)" } ?? "none"))
    }
    if let first = missing.min() {
      return .failure(Reason(text: "\(pack.path) has no frame at offset \(first), which something refers to"))
    }
    return .success((frames, droppedCount))
  }

  /// - Returns: the bytes of the new file.
  private func write(_ frames: [Frame], of pack: PackFile, to path: String) throws -> UInt64 {
    if files.fileSystem.exists(path) { try files.fileSystem.remove(path) }
    let file = try files.fileSystem.open(path, .create)
    defer { file.close() }
    var writer = ByteWriter(reserving: Self.chunkByteCount + 4_096)
    var written: UInt64 = 0
    var position: UInt64 { written + UInt64(writer.count) }
    func flush() throws {
      try file.write(writer.bytes, at: written)
      try pace(writer.count)
      written += UInt64(writer.count)
      writer = ByteWriter(reserving: Self.chunkByteCount + 4_096)
    }
    func append(_ record: PackRecord) {
      let start = position
      EncodedFrame(record).encode(into: &writer, at: start, batchStart: start, salt: pack.salt)
    }

    // The salt stays with the number: it is no secret of any one file, and references know nothing of it.
    writer.write(PackHeader(compacted: number, salt: pack.salt).encoded)
    let locations = PackLocations.record(of: frames.map { ($0.offset, $0.header.frameByteCount) })
    append(locations)
    for frame in frames {
      var header = frame.header
      header.batchOffset = 0
      let start = position
      header.encode(into: &writer, at: start, salt: pack.salt)
      writer.write(try payload(of: frame, in: pack))
      while writer.count % Int(PackFrame.alignment) != 0 { writer.write(UInt8(0)) }
      if writer.count >= Self.chunkByteCount { try flush() }
    }
    append(locations)
    let count = UInt64(frames.count) + 2
    append(PackSeal(frameCount: count, sealedAt: files.options.clock.now()).record)
    try flush()
    try file.syncData()
    try check(frames, path: path, salt: pack.salt)
    return written
  }

  /// The bytes have been on the disk since they were checked, and are checked again.
  private func payload(of frame: Frame, in pack: PackFile) throws -> [UInt8] {
    let payload = try pack.file.readExactly(
      at: frame.position + UInt64(PackFrame.Header.byteCount), byteCount: frame.header.payloadByteCount)
    let checksum = CRC32C.checksum(payload)
    guard checksum == frame.header.payloadChecksum else {
      throw PackProblem(
        file: pack.path, offset: frame.position,
        expected: "payload checksum \(PackFrame.hex(frame.header.payloadChecksum))", found: PackFrame.hex(checksum))
    }
    return payload
  }

  /// Reads the new file as a reader will, before it takes the place of the old one.
  private func check(_ frames: [Frame], path: String, salt: UInt64) throws {
    let file = try files.fileSystem.open(path, .read)
    defer { file.close() }
    let bare = PackFile(PackHeader(compacted: number, salt: salt), file: file, path: path)
    let locations = try PackLocations.read(from: bare, limit: files.options.maxRecordByteCount)
    var found: [UInt64] = []
    var scanner = try PackScanner(bare)
    while let item = try scanner.next() {
      switch item {
      case .damage(let problem, _): throw problem
      case .frame(_, let position, _): if let offset = locations.offset(at: position) { found.append(offset) }
      }
    }
    guard found == frames.map(\.offset) else {
      throw PackProblem(
        file: path, offset: PackHeader.endOffset, expected: "\(frames.count) frames that were kept",
        found: "\(found.count)")
    }
  }
}
