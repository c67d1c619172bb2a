import Bytes
import GRDB

/// Makes durable what a metadata view has committed, and moves it from the log of SQLite into the file.
///
/// The log is held open for as long as the view is, because the kernel tells each open file once that writing back has
/// failed: SQLite checkpoints on its own as well and keeps such a failure to itself, and a file opened afterwards would
/// hear nothing of it.
final class MetadataCheckpointer: Sendable {
  private let path: String
  private let fileSystem: any FileSystem
  private let log: any File
  /// A connection of its own, so that moving pages into the file holds up neither writer nor readers.
  private let connection: DatabaseQueue
  private let state = Locked(State())

  private struct State {
    /// A failed sync; nobody knows what is on the disk until the view is opened again.
    var failure: StoreError?
    /// The log may hold pages of an earlier process whose sync failed: they count as written and are not. Once they are
    /// moved into the file they are written anew.
    var holdsInheritedPages = true
  }

  /// - Parameter path: of the database, open in WAL mode already.
  init(path: String, fileSystem: any FileSystem) throws {
    self.path = path
    self.fileSystem = fileSystem
    log = try fileSystem.open(path + "-wal", .read)
    var configuration = Configuration()
    configuration.busyMode = .timeout(10)
    configuration.prepareDatabase { try $0.execute(sql: "PRAGMA cache_size = -64; PRAGMA synchronous = NORMAL") }
    connection = try DatabaseQueue(path: path, configuration: configuration)
  }

  func close() {
    try? connection.close()
    log.close()
  }

  /// - Returns: false while it is not known of everything that was committed.
  /// - Throws: `StoreError` `.stopped` from the first failed sync on; others when it may work later.
  func checkpoint() throws -> Bool {
    try state.withLock { state in
      if let failure = state.failure { throw failure }
      do {
        // By hand first: a checkpoint that a reader keeps from moving anything would not sync either.
        try log.syncData()
        try fileSystem.syncDirectory(parentDirectory(of: path))
        let (frames, moved) = try connection.writeWithoutTransaction { try $0.checkpoint(.passive) }
        if moved >= frames { state.holdsInheritedPages = false }
        return !state.holdsInheritedPages
      } catch  where Self.isTemporary(error) {
        throw error
      } catch {
        let failure = StoreError(
          code: .stopped, message: "\(path) cannot be made durable, restart to recover, because a sync failed: \(error)"
        )
        state.failure = failure
        throw failure
      }
    }
  }

  private static func isTemporary(_ error: any Error) -> Bool {
    switch error {
    case let error as FileError: error.isTemporary
    case let error as DatabaseError:
      [.SQLITE_FULL, .SQLITE_BUSY, .SQLITE_LOCKED, .SQLITE_CANTOPEN].contains(error.resultCode)
    default: false
    }
  }
}
