package import Bytes

/// Bytes that are written once and kept: mails, attachments and recipes, as frames in pack files.
///
///     receive log ──┐                         ┌─ BlobReference → read
///                   ├─ sealed → blobs/packs ──┤
///     blob log ─────┘                         └─ verify
///
/// `append` acknowledges after the sync that covers it; any number of callers share one. `read` and `verify` block and
/// may run on any thread at once. `close` must be called; the threads live until then.
package final class PackStore: Sendable {
  /// Damage and leftovers that opening found, for the log: the store works on without the damaged frames.
  package var recoveryNotes: [String] { notes.withLock { $0 } }

  let files: PackFiles
  private let stop = StopSwitch()
  private let notes: Locked<[String]>
  private let housekeeping = BatchThread<@Sendable () -> Void>(
    name: "pack-housekeeping", maxBatch: 1, idleInterval: nil, process: { $0.forEach { $0() } }, idle: {})
  private let blobLog: PackAppender
  private let receiveLog = Locked<PackAppender?>(nil)

  /// Opens the packs of a data directory, made where there is none, and brings what a dead process left into order.
  /// The receive log waits for its queue (`InboundQueue.open`).
  package static func open(
    fileSystem: any FileSystem, directory: String, options: PackOptions = PackOptions()
  ) throws -> PackStore {
    do {
      return try PackStore(files: PackFiles(fileSystem: fileSystem, directory: directory, options: options))
    } catch {
      throw StoreError(error)
    }
  }

  private init(files: PackFiles) throws {
    self.files = files
    var notes: [String] = []
    let recovered = try Self.recover(.blobLog, of: files, notes: &notes) { _ in }
    self.notes = Locked(notes)
    blobLog = PackAppender(
      name: "blob-log", files: files, place: .blobLog, stop: stop, housekeeping: housekeeping, recovered: recovered,
      continuesLast: true, delegate: nil)
  }

  /// - Returns: where each record lies. Durable.
  /// - Throws: `StoreError`: `.noSpace` (nothing is stored; try later), `.stopped`, `.closed`.
  package func append(_ records: [PackRecord]) async throws -> [BlobReference] { try await blobLog.append(records) }

  /// Calls of `append` that wait for a write.
  package var waitingCount: Int { blobLog.waitingCount }

  /// Blocks.
  /// - Throws: `StoreError`: `.missingBlob`, or `.corrupt` with the file, the offset, what was expected and found.
  package func read(_ reference: BlobReference) throws -> PackRecord {
    do {
      let pack = try files.open(reference.pack)
      let frame = try frameBytes(of: reference, in: pack, byteCount: Int(reference.byteCount))
      do {
        return try PackRecord.decode(
          frame: frame[...], at: reference.offset, salt: pack.salt, limit: files.options.maxRecordByteCount)
      } catch {
        throw problem(at: reference, expected: error.expected, found: error.found)
      }
    } catch {
      throw StoreError(error)
    }
  }

  /// Whether a frame begins where the reference says, of that length; its payload is not looked at. Blocks.
  package func contains(_ reference: BlobReference) -> Bool {
    guard let pack = try? files.open(reference.pack),
      let bytes = try? frameBytes(of: reference, in: pack, byteCount: PackFrame.Header.byteCount),
      let header = try? PackFrame.Header(bytes[...], at: reference.offset, salt: pack.salt)
    else { return false }
    return header.frameByteCount == reference.byteCount
  }

  /// Finishes what waits and ends the threads. Blocks.
  package func close() {
    receiveLog.withLock { $0 }?.close()
    blobLog.close()
    housekeeping.close()
  }

  /// The reference of the frame that begins there. Blocks.
  func reference(pack number: UInt32, offset: UInt64) throws -> BlobReference {
    let guess = BlobReference(pack: number, offset: offset, byteCount: UInt32(PackFrame.Header.byteCount))
    let pack = try files.open(number)
    let bytes = try frameBytes(of: guess, in: pack, byteCount: PackFrame.Header.byteCount)
    do {
      let header = try PackFrame.Header(bytes[...], at: offset, salt: pack.salt)
      return BlobReference(pack: number, offset: offset, byteCount: header.frameByteCount)
    } catch {
      throw problem(at: guess, expected: error.expected, found: error.found)
    }
  }

  // MARK: For the queue

  /// Recovers the receive log and starts its writer. Once for each store.
  /// - Parameter visit: called for every whole frame of the files that are not sealed, oldest first.
  /// - Returns: the log, and whether every frame that was in it has been visited.
  func openReceiveLog(
    delegate: any PackAppenderDelegate, visit: (RecoveredFrame) throws -> Void
  ) throws -> (log: PackAppender, isWhole: Bool) {
    var notes: [String] = []
    var firstKinds: [UInt32: UInt8] = [:]
    let recovered = try Self.recover(.receiveLog, of: files, notes: &notes) { frame in
      if firstKinds[frame.reference.pack] == nil { firstKinds[frame.reference.pack] = frame.header.kind }
      try visit(frame)
    }
    self.notes.withLock { $0 += notes }
    // A file that does not begin with a checkpoint must not become the oldest.
    let continuesLast =
      recovered.count == 1 && firstKinds[recovered[0].pack.number] == PackRecord.Kind.checkpoint.rawValue
    let log = PackAppender(
      name: "receive-log", files: files, place: .receiveLog, stop: stop, housekeeping: housekeeping,
      recovered: recovered, continuesLast: continuesLast, delegate: delegate)
    receiveLog.withLock { $0 = log }
    // A torn tail may as well be damage to the last mail.
    return (log, notes.isEmpty)
  }

  /// A write failed and left the disk in doubt: nothing is stored until the store is opened again.
  package var hasStopped: Bool { stop.error != nil }

  /// Runs work that blocks and that nobody waits for, such as removing a file.
  func runLater(_ work: @escaping @Sendable () -> Void) { _ = housekeeping.submit(work) }

  func note(_ text: String) { notes.withLock { $0.append(text) } }

  /// Where the durable bytes of a file end while it is being written.
  func endOffset(of number: UInt32) -> UInt64? {
    blobLog.endOffset(of: number) ?? receiveLog.withLock { $0 }?.endOffset(of: number)
  }

  // MARK: Private

  /// - Returns: the files to go on with or to seal, oldest first.
  private static func recover(
    _ place: PackFiles.Place, of files: PackFiles, notes: inout [String],
    visit: (RecoveredFrame) throws -> Void
  ) throws -> [PackAppender.OpenPack] {
    var open: [PackAppender.OpenPack] = []
    for number in files.numbers(in: place) {
      do {
        guard let found = try PackRecovery(files: files, place: place).recover(number, visit: visit) else { continue }
        notes += found.problems.map(\.description)
        if let cut = found.cutTail { notes.append("cut off an unfinished write: \(cut)") }
        if found.isSealed {
          try files.moveToSealed(number, from: place)
          continue
        }
        try found.pack.reserve(files.options.fileByteCount, endOffset: found.endOffset)
        open.append(
          PackAppender.OpenPack(pack: found.pack, endOffset: found.endOffset, frameCount: found.frameCount))
      } catch let problem as PackProblem {
        // A header damaged in both copies: its frames are lost, the others are not.
        notes.append(problem.description)
      }
    }
    return open
  }

  private func frameBytes(of reference: BlobReference, in pack: PackFile, byteCount: Int) throws -> [UInt8] {
    guard reference.offset >= PackHeader.endOffset, reference.offset < 1 << 62,
      byteCount >= PackFrame.Header.byteCount
    else {
      throw StoreError(code: .missingBlob, message: "no frame can begin at \(reference)")
    }
    let bytes = try pack.file.read(at: reference.offset, byteCount: byteCount)
    guard bytes.count == byteCount else {
      throw problem(at: reference, expected: "a frame of \(reference.byteCount) bytes", found: "\(bytes.count)")
    }
    return bytes
  }

  func problem(at reference: BlobReference, expected: String, found: String) -> PackProblem {
    PackProblem(
      file: files.currentPath(of: reference.pack), offset: reference.offset, expected: expected, found: found)
  }
}
