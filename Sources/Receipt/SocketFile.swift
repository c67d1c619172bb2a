// The types of sockets belong to Glibc or, in a build of whole modules, to this one, which includes the same header.
import CCAres
import Glibc
import NIOCore

/// The file of a Unix socket, known again by its inode: another process may have put its own in its place.
struct SocketFile: Equatable {
  private let path: String
  private let device: UInt64
  private let inode: UInt64

  /// `nil` if there is no socket.
  init?(_ path: String) {
    var status = stat()
    guard unsafe lstat(path, &status) == 0, status.st_mode & S_IFMT == S_IFSOCK else { return nil }
    self.path = path
    device = UInt64(status.st_dev)
    inode = UInt64(status.st_ino)
  }

  /// Unless there is another by now.
  func remove() {
    if SocketFile(path) == self { unsafe _ = unlink(path) }
  }

  /// A socket that is bound to a path, in the place of one to which nobody listens. NIO does not bind it, because it
  /// removes the path of what it bound in the end, whatever is there by then.
  /// - Throws: `IOError`, with `EADDRINUSE` also for a file that is no socket.
  static func bind(_ path: String) throws -> CInt {
    let address = try SocketAddress(unixDomainSocketPath: path)
    let descriptor = socket(AF_UNIX, CInt(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
    guard descriptor >= 0 else { throw IOError(errnoCode: errno, reason: "socket") }
    SocketFile(path)?.remove()
    guard unsafe address.withSockAddr({ unsafe Glibc.bind(descriptor, $0, socklen_t($1)) }) == 0 else {
      let code = errno
      close(descriptor)
      throw IOError(errnoCode: code, reason: "bind")
    }
    return descriptor
  }
}
