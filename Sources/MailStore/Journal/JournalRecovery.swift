import Bytes

/// Reads what a process left behind, and readies it to be continued.
///
/// A crash explains exactly this: the last frame incomplete, or a last file whose header never came. Anything else,
/// above all an intact frame behind a damaged one, is damage to durable data and is reported, never skipped.
struct JournalRecovery {
  let fileSystem: any FileSystem
  let directory: String
  let shard: UInt32
  /// Of the views; the journal must not end before it.
  let mustReach: SequenceNumber

  func recover() throws -> JournalState {
    try fileSystem.createDirectory(directory)
    let numbers = try fileSystem.list(directory).compactMap(JournalFile.number(ofName:)).sorted()
    var state = JournalState()
    for (index, number) in numbers.enumerated() {
      if index > 0 && number != numbers[index - 1] + 1 {
        throw corrupt(number - 1, 0, expected: "this file, as there is a next one", found: "none")
      }
      if let header = try readHeader(number, isLast: index == numbers.count - 1) {
        state.files.append(
          JournalFile(number: number, firstSequence: header.firstSequence, salt: header.salt))
      } else {
        // Reserved anew before it is used: the sync of its size may have failed.
        state.reserved = JournalFile.Open(number: number, file: try open(number), byteCount: 0)
      }
    }
    if let last = state.files.last { try recover(last, &state) } else { try requireReach(.zero) }
    state.batch = JournalBatch(after: state.lastSequence)
    return state
  }

  private func recover(_ last: JournalFile, _ state: inout JournalState) throws {
    let file = try open(last.number)
    let bytes = try file.readExactly(at: 0, byteCount: Int(file.byteCount()))
    var cursor = JournalFrameCursor(bytes, salt: last.salt)
    var next = last.firstSequence
    var lastFrame = cursor.offset
    while let frame = cursor.next() {
      next = try JournalReplay.sequence(after: frame, expecting: next, path: file.path)
      lastFrame = frame.offset
    }
    let isCleanEnd = cursor.isCleanEnd
    if !isCleanEnd, let later = cursor.intactFrame(behind: next) {
      let end = cursor.end ?? JournalFrameCursor.NoFrame(expected: "a frame", found: "none")
      throw corrupt(
        last.number, cursor.offset, expected: "a frame with sequence \(next)",
        found: """
          \(end.found) in place of \(end.expected), and behind it an intact frame with sequence \(later.sequence) at \
          offset \(later.offset)
          """)
    }
    let lastSequence = SequenceNumber(rawValue: next.rawValue - 1)
    try requireReach(lastSequence)
    // Names first: a file whose name could still vanish must not be written to.
    try fileSystem.syncDirectory(directory)
    try rewrite(file, bytes, lastFrame: lastFrame, end: cursor.offset, isTorn: !isCleanEnd)
    state.current = JournalFile.Open(
      number: last.number, file: file, byteCount: UInt64(bytes.count), end: UInt64(cursor.offset), salt: last.salt)
    state.lastSequence = lastSequence
  }

  /// Makes durable what was read. Syncing alone would not: when the sync of a dead process failed, the kernel may show its
  /// bytes and count them as written, though they never came to the disk. That can be so for the last frame, or for the
  /// header before the first one; all before was synced before they were written.
  private func rewrite(_ file: any File, _ bytes: [UInt8], lastFrame: Int, end: Int, isTorn: Bool) throws {
    try file.write(Array(bytes[..<JournalFormat.headerByteCount]), at: 0)
    // What is left of a torn batch gives way to zeros.
    let torn = [UInt8](repeating: 0, count: isTorn ? bytes.count - end : 0)
    // The padding of the last frame may lie behind the end of a file that was cut.
    try file.write(Array(bytes[lastFrame..<min(end, bytes.count)]) + torn, at: UInt64(lastFrame))
    try file.syncData()
  }

  private func requireReach(_ last: SequenceNumber) throws {
    guard last < mustReach else { return }
    let problem = PackProblem(
      file: directory, offset: 0, expected: "sequence \(mustReach), which a view of it holds",
      found: "the end after \(last)")
    throw StoreError(
      code: .corrupt,
      message: """
        the journal in \(directory) ends at \(last), but a view of it holds \(mustReach): journal files are damaged or \
        missing. Bring them back from a copy
        """,
      problem: problem)
  }

  /// - Returns: nil for a file that was reserved and has not begun, or whose header was torn.
  private func readHeader(_ number: UInt64, isLast: Bool) throws -> JournalHeader? {
    let file = try fileSystem.open(JournalFile.path(directory, number), .read)
    defer { file.close() }
    let bytes = try file.read(at: 0, byteCount: JournalFormat.headerByteCount)
    let header: JournalHeader
    do {
      header = try JournalHeader(bytes[...])
    } catch {
      guard isLast, try isEmptyBehindHeader(file) else {
        throw corrupt(number, 0, expected: "a journal file's header", found: "other bytes, \(error)")
      }
      return nil
    }
    if header.version > JournalFormat.version {
      throw StoreError.newerVersion(file: file.path, found: header.version, known: JournalFormat.version)
    }
    if header.shard != shard {
      throw corrupt(number, 12, expected: "shard \(shard)", found: "\(header.shard)")
    }
    if header.firstSequence == .zero { throw corrupt(number, 16, expected: "a sequence from 1", found: "0") }
    return header
  }

  private func isEmptyBehindHeader(_ file: any File) throws -> Bool {
    let byteCount = try file.byteCount()
    var offset = UInt64(JournalFormat.headerByteCount)
    while offset < byteCount {
      let chunk = try file.read(at: offset, byteCount: 1 << 20)
      if chunk.isEmpty { break }
      guard chunk[...].isAllZero else { return false }
      offset += UInt64(chunk.count)
    }
    return true
  }

  private func open(_ number: UInt64) throws -> any File {
    try fileSystem.open(JournalFile.path(directory, number), .readWrite)
  }

  private func corrupt(_ number: UInt64, _ offset: Int, expected: String, found: String) -> StoreError {
    StoreError(
      PackProblem(
        file: JournalFile.path(directory, number), offset: UInt64(offset), expected: expected, found: found))
  }
}

extension StoreError {
  /// Data that a later version of the program wrote; nothing of it was touched.
  static func newerVersion(file: String, found: UInt32, known: UInt32) -> StoreError {
    StoreError(
      code: .failed,
      message: """
        \(file) is data of a newer version: expected at most format version \(known), found \(found). Start the version \
        of Maildex that wrote it
        """)
  }
}
