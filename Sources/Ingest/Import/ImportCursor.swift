import Bytes

/// An import's reader, handed from one blocking thread to another; one call at a time.
final class ImportCursor: Sendable {
  struct Position: Sendable {
    let item: ImportReader.Found
    let progress: UInt64
  }

  // Sendable because it is used only while the lock is held.
  private let reader: Locked<Unshared>

  private struct Unshared: @unchecked Sendable {
    var reader: ImportReader
  }

  init(_ reader: ImportReader) { self.reader = Locked(Unshared(reader: reader)) }

  func next() -> Position? {
    reader.withLock { unshared in
      guard let item = unshared.reader.next() else { return nil }
      return Position(item: item, progress: unshared.reader.progress)
    }
  }
}
