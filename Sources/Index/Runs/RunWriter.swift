import Bytes

/// Writes one run file. Records come ascending by (user, docID); `finish` makes the file's bytes durable, after which
/// the caller syncs the directory and lists the run in the manifest.
struct RunWriter {
  private static let bufferByteCount = 256 << 10

  let number: UInt64
  let path: String
  private let fileSystem: any FileSystem
  private let file: any File
  private let onWrite: (_ byteCount: Int) -> Void
  private var buffer: [UInt8] = []
  private var written: UInt64 = 0
  private var hash = FileHash()
  private var fences = RunFences()
  private var user: UserID?
  private var pending: [(docID: DocID, record: EncodedRecord)] = []
  private var pendingByteCount = 0
  private var isPendingFiltered = true
  private(set) var recordCount: UInt64 = 0

  /// - Parameter onWrite: told of all that goes to the file.
  init(
    fileSystem: any FileSystem, directory: String, number: UInt64, analyzerHash: UInt64,
    onWrite: @escaping (_ byteCount: Int) -> Void = { _ in }
  ) throws(FileError) {
    self.number = number
    self.onWrite = onWrite
    self.fileSystem = fileSystem
    path = directory + "/" + IndexFileFormat.run.fileName(number)
    file = try fileSystem.open(path, .create)
    buffer = IndexFileFormat.run.header(number: number, analyzerHash: analyzerHash)
  }

  /// Bytes so far, those of the block under construction estimated.
  var byteCount: UInt64 { written + UInt64(buffer.count) + UInt64(pendingByteCount) }

  /// - Parameter isFiltered: false for a record whose terms are in a segment: its block then goes without a filter.
  mutating func append(
    _ user: UserID, _ docID: DocID, _ record: EncodedRecord, isFiltered: Bool = true
  ) throws(FileError) {
    if let last = pending.last, self.user == user {
      precondition(last.docID < docID, "records of a run are appended in order")
    } else if let current = self.user {
      precondition(current <= user, "users of a run are appended in order")
    }
    let isFull =
      pending.count == RunBlock.documentLimit || pendingByteCount + record.frame.count > RunBlock.frameByteLimit
    if self.user != user || isFull || isPendingFiltered != isFiltered { try closeBlock() }
    isPendingFiltered = isFiltered
    self.user = user
    pending.append((docID, record))
    pendingByteCount += record.frame.count
    recordCount += 1
  }

  /// - Returns: the file's size. Its bytes are durable, its name not yet.
  mutating func finish() throws(FileError) -> UInt64 {
    try closeBlock()
    let fencesOffset = written + UInt64(buffer.count)
    buffer += fences.encode()
    try writeBuffer()
    let footer = IndexFileFormat.Footer(
      fencesOffset: fencesOffset, recordCount: recordCount, fileHash: hash.value)
    buffer = IndexFileFormat.run.encode(footer)
    try writeBuffer()
    try file.syncData()
    file.close()
    return written
  }

  /// Gives the file up. A file that cannot be removed now goes when the index is opened next: it is not listed.
  func discard() {
    file.close()
    try? fileSystem.remove(path)
  }

  private mutating func closeBlock() throws(FileError) {
    guard let user, !pending.isEmpty else { return }
    let head = RunBlockHead(user: user, records: pending, isFiltered: isPendingFiltered)
    let bytes = head.encode()
    fences.append(
      RunFences.Block(
        user: user.rawValue, offset: written + UInt64(buffer.count), headByteCount: UInt32(bytes.count),
        framesByteCount: head.framesByteCount, firstDocID: pending[0].docID.rawValue,
        lastDocID: pending[pending.count - 1].docID.rawValue))
    buffer += bytes
    for (_, record) in pending { buffer += record.frame }
    pending.removeAll(keepingCapacity: true)
    pendingByteCount = 0
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
