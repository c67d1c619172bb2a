import Bytes

/// The segment files that one step of compaction writes: a new one where a user has a part in the open one already.
struct SegmentFiles {
  private let index: ShardIndex
  private let onWrite: (_ byteCount: Int) -> Void
  private var writer: SegmentWriter?
  private var lastUser: UserID?
  private var finished: [SegmentReader] = []

  /// - Parameter onWrite: told of all that goes to the files.
  init(_ index: ShardIndex, onWrite: @escaping (_ byteCount: Int) -> Void = { _ in }) {
    self.index = index
    self.onWrite = onWrite
  }

  /// Files that are finished.
  var count: Int { finished.count }

  mutating func withWriter(for user: UserID, _ body: (inout SegmentWriter) throws -> Void) throws {
    if let lastUser, lastUser >= user { try close() }
    if writer == nil {
      writer = try SegmentWriter(
        fileSystem: index.fileSystem, directory: index.directory, number: index.reserveFileNumber(),
        analyzerHash: index.analyzerHash, onWrite: onWrite)
    }
    lastUser = user
    try body(&writer!)
  }

  mutating func closeIfLarge(_ byteLimit: UInt64) throws {
    if let writer, writer.byteCount >= byteLimit { try close() }
  }

  private mutating func close() throws {
    guard var writer else { return }
    _ = try writer.finish()
    self.writer = nil
    lastUser = nil
    finished.append(
      try SegmentReader(
        fileSystem: index.fileSystem, directory: index.directory, number: writer.number, caches: index.caches))
  }

  /// - Returns: all files, durable, in the order in which they were written. They are the caller's then: none is left
  ///   here, and writing can begin anew.
  mutating func finish() throws -> [SegmentReader] {
    try close()
    // Moved out, not copied: for `let made = try files.finish(); files = SegmentFiles(…)` Swift 6.3 retained the copy only
    // after it had destroyed the original.
    var made: [SegmentReader] = []
    swap(&made, &finished)
    return made
  }

  /// Gives all files up.
  mutating func discard() {
    writer?.discard()
    for segment in finished { try? index.fileSystem.remove(segment.path) }
    writer = nil
    finished = []
  }
}
