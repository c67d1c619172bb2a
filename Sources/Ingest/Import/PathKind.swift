import Glibc

/// What a path leads to, through links.
enum PathKind {
  case missing
  case file(byteCount: UInt64)
  case directory(Identity)
  /// A pipe, a socket, a device: reading it might never end.
  case other

  /// The same for all paths that lead to one directory.
  struct Identity: Hashable {
    let device: UInt64
    let inode: UInt64
  }

  init(_ path: String) {
    var status = stat()
    guard unsafe stat(path, &status) == 0 else {
      self = .missing
      return
    }
    switch status.st_mode & S_IFMT {
    case S_IFREG: self = .file(byteCount: UInt64(clamping: status.st_size))
    case S_IFDIR: self = .directory(Identity(device: UInt64(status.st_dev), inode: UInt64(status.st_ino)))
    default: self = .other
    }
  }
}
