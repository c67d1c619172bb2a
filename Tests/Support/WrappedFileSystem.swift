package import Bytes

/// A file system on which something happens at the very moment that a test is about. What it fails does not reach the file
/// system beneath.
package final class WrappedFileSystem: FileSystem {
  private struct Hooks {
    var refusal: (@Sendable (_ path: String, _ mode: FileOpenMode) -> FileError.Code?)?
    var syncFailure: FileError.Code?
    var syncCount = 0
    var didRename: (@Sendable (String) -> Void)?
    var didWrite: (@Sendable (_ path: String, _ byteCount: Int) -> Void)?
    var reads: [String] = []
  }

  private let base: any FileSystem
  private let hooks = Locked(Hooks())

  package init(_ base: any FileSystem) { self.base = base }

  /// Says for each file that is opened whether it is refused, and why; nil refuses none.
  package var refusal: (@Sendable (_ path: String, _ mode: FileOpenMode) -> FileError.Code?)? {
    get { hooks.withLock { $0.refusal } }
    set { hooks.withLock { $0.refusal = newValue } }
  }

  /// What each sync of a file fails with; nil lets them be.
  package var syncFailure: FileError.Code? {
    get { hooks.withLock { $0.syncFailure } }
    set { hooks.withLock { $0.syncFailure = newValue } }
  }

  /// Syncs of files so far, those that failed too.
  package var syncCount: Int { hooks.withLock { $0.syncCount } }

  /// Called with the source after each rename, before its caller goes on.
  package var didRename: (@Sendable (String) -> Void)? {
    get { hooks.withLock { $0.didRename } }
    set { hooks.withLock { $0.didRename = newValue } }
  }

  /// Called after each write of a file.
  package var didWrite: (@Sendable (_ path: String, _ byteCount: Int) -> Void)? {
    get { hooks.withLock { $0.didWrite } }
    set { hooks.withLock { $0.didWrite = newValue } }
  }

  /// The file of each read so far.
  package var reads: [String] { hooks.withLock { $0.reads } }
  package var readCount: Int { hooks.withLock { $0.reads.count } }

  fileprivate func didRead(_ path: String) { hooks.withLock { $0.reads.append(path) } }

  fileprivate func willSync(_ path: String) throws(FileError) {
    let failure = hooks.withLock { hooks in
      hooks.syncCount += 1
      return hooks.syncFailure
    }
    if let failure { throw FileError(code: failure, path: path, message: "fdatasync: refused by the test") }
  }

  package func open(_ path: String, _ mode: FileOpenMode) throws(FileError) -> any File {
    if let code = refusal?(path, mode) { throw FileError(code: code, path: path, message: "refused by the test") }
    return WrappedFile(try base.open(path, mode), self)
  }

  package func rename(_ source: String, to target: String) throws(FileError) {
    try base.rename(source, to: target)
    didRename?(source)
  }

  package func createDirectory(_ path: String) throws(FileError) { try base.createDirectory(path) }
  package func remove(_ path: String) throws(FileError) { try base.remove(path) }
  package func list(_ directory: String) throws(FileError) -> [String] { try base.list(directory) }
  package func exists(_ path: String) -> Bool { base.exists(path) }
  package func syncDirectory(_ directory: String) throws(FileError) { try base.syncDirectory(directory) }
}

private final class WrappedFile: File {
  private let base: any File
  private let system: WrappedFileSystem

  init(_ base: any File, _ system: WrappedFileSystem) {
    self.base = base
    self.system = system
  }

  var path: String { base.path }
  func read(at offset: UInt64, byteCount: Int) throws(FileError) -> [UInt8] {
    system.didRead(path)
    return try base.read(at: offset, byteCount: byteCount)
  }
  func write(_ bytes: [UInt8], at offset: UInt64) throws(FileError) {
    try base.write(bytes, at: offset)
    system.didWrite?(path, bytes.count)
  }
  func preallocate(byteCount: UInt64) throws(FileError) { try base.preallocate(byteCount: byteCount) }
  func truncate(to byteCount: UInt64) throws(FileError) { try base.truncate(to: byteCount) }
  func syncData() throws(FileError) {
    try system.willSync(path)
    try base.syncData()
  }
  func byteCount() throws(FileError) -> UInt64 { try base.byteCount() }
  func close() { base.close() }
}
