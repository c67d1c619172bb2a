/// The files a store may touch, behind one protocol so that tests can run every store on a file system
/// that crashes on demand (`CrashableFileSystem`).
///
/// Paths are absolute or relative to the process, `/`-separated, without a trailing slash. Calls block; callers
/// keep them off the cooperative pool and off event loops.
///
/// Durability follows POSIX as ext4 and XFS give it: bytes are durable after `File.syncData`, a name (created,
/// renamed or removed) after `syncDirectory` of its directory.
package protocol FileSystem: Sendable {
  /// Creates the directory and its missing parents, durably; an existing one is fine.
  func createDirectory(_ path: String) throws(FileError)
  func open(_ path: String, _ mode: FileOpenMode) throws(FileError) -> any File
  /// Replaces `target` atomically.
  func rename(_ source: String, to target: String) throws(FileError)
  func remove(_ path: String) throws(FileError)
  /// The names (not paths) in a directory, sorted.
  func list(_ directory: String) throws(FileError) -> [String]
  func exists(_ path: String) -> Bool
  /// Makes the names in `directory` durable.
  func syncDirectory(_ directory: String) throws(FileError)
}

package enum FileOpenMode: Sendable {
  /// The file must exist.
  case read
  /// The file must exist.
  case readWrite
  /// The file must not exist.
  case create
}

/// An open file. Positioned reads may run from any thread at once; writes belong to one owner at a time.
package protocol File: AnyObject, Sendable {
  var path: String { get }
  /// Reads up to `byteCount` bytes; fewer only at the end of the file.
  func read(at offset: UInt64, byteCount: Int) throws(FileError) -> [UInt8]
  /// Writes all of `bytes`, extending the file where needed.
  func write(_ bytes: [UInt8], at offset: UInt64) throws(FileError)
  /// Reserves space and extends the size with zeros, so that later writes inside it change no metadata.
  func preallocate(byteCount: UInt64) throws(FileError)
  func truncate(to byteCount: UInt64) throws(FileError)
  /// `fdatasync(2)`: returns when the bytes written so far survive a power loss.
  ///
  /// A failure is final: the kernel may have dropped the dirty pages, so the caller must not retry but stop and
  /// recover from what is on disk.
  func syncData() throws(FileError)
  func byteCount() throws(FileError) -> UInt64
  func close()
}

extension File {
  /// Reads exactly `byteCount` bytes.
  /// - Throws: `FileError` with code `.truncated` when the file ends before.
  package func readExactly(at offset: UInt64, byteCount: Int) throws(FileError) -> [UInt8] {
    let bytes = try read(at: offset, byteCount: byteCount)
    guard bytes.count == byteCount else {
      throw FileError(
        code: .truncated, path: path,
        message: "expected \(byteCount) bytes at offset \(offset), found \(bytes.count)")
    }
    return bytes
  }
}

extension FileSystem {
  /// The whole content of a small file.
  package func readFile(_ path: String) throws(FileError) -> [UInt8] {
    let file = try open(path, .read)
    defer { file.close() }
    return try file.readExactly(at: 0, byteCount: Int(file.byteCount()))
  }

  /// Replaces `path` with `bytes` atomically and durably: new file, sync, rename, directory sync.
  /// - Throws: a temporary error where nothing has changed; after the rename no error is temporary, because the new bytes may be
  ///   what a reader finds.
  package func replaceFile(_ path: String, with bytes: [UInt8]) throws(FileError) {
    let temporary = path + ".new"
    if exists(temporary) { try remove(temporary) }
    try createFile(temporary, with: bytes)
    try rename(temporary, to: path)
    do throws(FileError) {
      try syncDirectory(parentDirectory(of: path))
    } catch {
      throw FileError(code: .failed, path: error.path, message: error.message)
    }
  }
}

extension FileSystem {
  /// Creates a file that must not exist yet and makes its bytes (not its name) durable.
  package func createFile(_ path: String, with bytes: [UInt8]) throws(FileError) {
    let file = try open(path, .create)
    defer { file.close() }
    try file.write(bytes, at: 0)
    try file.syncData()
  }
}

/// The directory part of a path, `"."` where there is none.
package func parentDirectory(of path: String) -> String {
  guard let slash = path.lastIndex(of: "/") else { return "." }
  return slash == path.startIndex ? "/" : String(path[..<slash])
}
