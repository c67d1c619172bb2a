import Bytes
import Crypto

/// The files of `receive/spool`: content of mails that are too large for the receive log, each there until its queue
/// item is finished.
final class SpoolDirectory: Sendable {
  let fileSystem: any FileSystem
  let path: String
  let threads: BlockingThreads
  /// For files that no readable queue item names, though one may that cannot be read.
  private let lostPath: String
  private let nextNumber: Locked<UInt64>

  /// - Parameter threads: for the calls that block.
  init(fileSystem: any FileSystem, path: String, threads: BlockingThreads) throws {
    self.fileSystem = fileSystem
    self.path = path
    self.threads = threads
    lostPath = path + "/lost"
    try fileSystem.createDirectory(path)
    var names = try fileSystem.list(path)
    if fileSystem.exists(lostPath) { names += try fileSystem.list(lostPath) }
    let last = names.compactMap { UInt64($0) }.max() ?? 0
    nextNumber = Locked(last + 1)
  }

  func makeWriter() async throws -> SpoolWriter {
    let number = nextNumber.withLock { next in
      defer { next += 1 }
      return next
    }
    return try await blocking { [self] in
      SpoolWriter(number: number, file: try fileSystem.open(path(of: number), .create), directory: self)
    }
  }

  /// Blocks.
  /// - Throws: `StoreError` `.missingBlob` without the file, `.corrupt` when its bytes are not those that were spooled.
  func read(_ reference: SpoolReference) throws -> [UInt8] {
    let path = path(of: reference.number)
    guard fileSystem.exists(path) else {
      throw StoreError(code: .missingBlob, message: "the spool file \(path) is gone")
    }
    let bytes = try fileSystem.readFile(path)
    guard UInt64(bytes.count) == reference.byteCount else {
      throw StoreError(
        PackProblem(file: path, offset: 0, expected: "\(reference.byteCount) bytes", found: "\(bytes.count)"))
    }
    guard Array(SHA256.hash(data: bytes)) == reference.sha256 else {
      throw StoreError(PackProblem(file: path, offset: 0, expected: "the SHA-256 taken at receipt", found: "another"))
    }
    return bytes
  }

  /// Blocks. A file that stays behind is an orphan, removed at the next start.
  func remove(_ number: UInt64) { try? fileSystem.remove(path(of: number)) }

  /// Removes the files that no queue item names.
  func removeAll(except numbers: Set<UInt64>) throws {
    for name in try fileSystem.list(path) {
      guard let number = UInt64(name), !numbers.contains(number) else { continue }
      try fileSystem.remove(path(of: number))
    }
  }

  /// Moves the files that no queue item names out of the way, durably.
  /// - Returns: where they are now.
  func setAside(except numbers: Set<UInt64>) throws -> [String] {
    let unknown = try fileSystem.list(path).compactMap { UInt64($0) }.filter { !numbers.contains($0) }
    if unknown.isEmpty { return [] }
    try fileSystem.createDirectory(lostPath)
    for number in unknown { try fileSystem.rename(path(of: number), to: lostPath(of: number)) }
    try syncDirectories()
    return unknown.map(lostPath(of:))
  }

  /// Moves back what was set aside and is named after all, as when a damaged log was brought back from a copy.
  func bringBack(_ numbers: Set<UInt64>) throws {
    let found = numbers.filter { fileSystem.exists(lostPath(of: $0)) && !fileSystem.exists(path(of: $0)) }
    if found.isEmpty { return }
    for number in found.sorted() { try fileSystem.rename(lostPath(of: number), to: path(of: number)) }
    try syncDirectories()
  }

  private func syncDirectories() throws {
    try fileSystem.syncDirectory(lostPath)
    try fileSystem.syncDirectory(path)
  }

  func path(of number: UInt64) -> String { "\(path)/\(Self.name(of: number))" }

  private func lostPath(of number: UInt64) -> String { "\(lostPath)/\(Self.name(of: number))" }

  private static func name(of number: UInt64) -> String {
    let digits = String(number)
    return String(repeating: "0", count: max(0, 10 - digits.count)) + digits
  }

  /// Runs `body` on a thread that may block, and gives its errors the store's form.
  func blocking<Value: Sendable>(_ body: @escaping @Sendable () throws -> Value) async throws -> Value {
    do { return try await threads.run(body) } catch { throw StoreError(error) }
  }
}

/// Takes the content of one large mail as it arrives. One caller at a time; ends with `finish` or `discard`.
package final class SpoolWriter: Sendable {
  private let number: UInt64
  private let file: any File
  private let directory: SpoolDirectory
  private let state = Locked(State())

  private struct State {
    var byteCount: UInt64 = 0
    var hash = SHA256()
  }

  init(number: UInt64, file: any File, directory: SpoolDirectory) {
    self.number = number
    self.file = file
    self.directory = directory
  }

  /// - Throws: `StoreError`, `.noSpace` when the disk is full; discard then.
  package func append(_ bytes: [UInt8]) async throws {
    try await directory.blocking { [self] in
      let offset = state.withLock { $0.byteCount }
      try file.write(bytes, at: offset)
      state.withLock { state in
        state.byteCount += UInt64(bytes.count)
        state.hash.update(data: bytes)
      }
    }
  }

  /// - Returns: the content for `InboundQueue.accept`; bytes and name are durable.
  package func finish() async throws -> ReceivedContent {
    try await directory.blocking { [self] in
      try file.syncData()
      file.close()
      try directory.fileSystem.syncDirectory(directory.path)
      return state.withLock { state in
        .spooled(
          SpoolReference(number: number, byteCount: state.byteCount, sha256: Array(state.hash.finalize())))
      }
    }
  }

  package func discard() async {
    _ = try? await directory.blocking { [self] in
      file.close()
      directory.remove(number)
    }
  }
}
