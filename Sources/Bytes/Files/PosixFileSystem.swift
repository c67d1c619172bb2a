import Glibc

/// The machine's own files.
package struct PosixFileSystem: FileSystem {
  package init() {}

  package func createDirectory(_ path: String) throws(FileError) {
    if path.isEmpty || path == "/" || path == "." || exists(path) { return }
    try createDirectory(parentDirectory(of: path))
    if unsafe mkdir(path, 0o700) != 0 && errno != EEXIST { throw FileError(errno: errno, path: path, call: "mkdir") }
    try syncDirectory(parentDirectory(of: path))
  }

  package func open(_ path: String, _ mode: FileOpenMode) throws(FileError) -> any File {
    let flags: Int32
    switch mode {
    case .read: flags = O_RDONLY
    case .readWrite: flags = O_RDWR
    case .create: flags = O_RDWR | O_CREAT | O_EXCL
    }
    let descriptor = unsafe Glibc.open(path, flags | O_CLOEXEC, 0o600)
    if descriptor < 0 { throw FileError(errno: errno, path: path, call: "open") }
    return PosixFile(descriptor: descriptor, path: path)
  }

  package func rename(_ source: String, to target: String) throws(FileError) {
    if unsafe Glibc.rename(source, target) != 0 { throw FileError(errno: errno, path: source, call: "rename") }
  }

  package func remove(_ path: String) throws(FileError) {
    if unsafe unlink(path) != 0 { throw FileError(errno: errno, path: path, call: "unlink") }
  }

  package func list(_ directory: String) throws(FileError) -> [String] {
    guard let handle = unsafe opendir(directory) else {
      throw FileError(errno: errno, path: directory, call: "opendir")
    }
    defer { unsafe _ = closedir(handle) }
    return try unsafe Self.names(in: handle, of: directory).sorted()
  }

  /// Reads an open directory to its end.
  static func names(in handle: OpaquePointer, of directory: String) throws(FileError) -> [String] {
    var names: [String] = []
    while true {
      // The end and a failure look the same but for this.
      errno = 0
      guard let entry = unsafe readdir(handle) else {
        if errno != 0 { throw FileError(errno: errno, path: directory, call: "readdir") }
        return names
      }
      let name = unsafe withUnsafeBytes(of: &entry.pointee.d_name) { field in
        unsafe String(decoding: field.prefix { $0 != 0 }, as: UTF8.self)
      }
      if name != "." && name != ".." { names.append(name) }
    }
  }

  package func exists(_ path: String) -> Bool { unsafe access(path, F_OK) == 0 }

  package func syncDirectory(_ directory: String) throws(FileError) {
    let descriptor = unsafe Glibc.open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    if descriptor < 0 { throw FileError(errno: errno, path: directory, call: "open") }
    defer { _ = Glibc.close(descriptor) }
    if fsync(descriptor) != 0 { throw FileError(errno: errno, path: directory, call: "fsync") }
  }
}

extension FileError {
  package init(errno code: Int32, path: String, call: String) {
    let kind: Code
    switch code {
    case ENOENT: kind = .notFound
    case EEXIST: kind = .exists
    case ENOSPC, EDQUOT: kind = .noSpace
    case EMFILE, ENFILE: kind = .noDescriptors
    default: kind = .failed
    }
    let text = unsafe String(cString: strerror(code))
    self.init(code: kind, path: path, message: "\(call): \(text)")
  }
}
