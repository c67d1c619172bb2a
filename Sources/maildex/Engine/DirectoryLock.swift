import Foundation
import Glibc

/// The claim of one process on a data directory: an advisory lock on `maildex.lock` that ends with the process, and in
/// the file who holds it and where it can be talked to.
///
///     pid 4711
///     socket /var/lib/maildex/run/maildex.sock      only while a server listens there
final class DirectoryLock: Sendable {
  /// Another process holds the directory.
  struct Held: Error {
    let pid: String
    /// `nil` when the holder is not a server, or one that has not started yet.
    let socket: String?
  }

  private let descriptor: Int32
  private let path: String

  /// - Throws: `Held`; `CommandFailure` when the directory cannot be made or locked.
  init(acquiring directory: String) throws {
    path = directory + "/maildex.lock"
    do {
      try FileManager.default.createDirectory(
        atPath: directory, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
    } catch {
      throw CommandFailure("\(directory): the data directory cannot be created: \(error.localizedDescription)")
    }
    descriptor = unsafe Glibc.open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else {
      throw CommandFailure("\(path): cannot be opened: \(unsafe String(cString: strerror(errno)))")
    }
    guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
      _ = Glibc.close(descriptor)
      throw Self.held(path)
    }
    write(socket: nil)
  }

  deinit { _ = Glibc.close(descriptor) }

  /// Says where this process listens, or that it does no longer.
  func announce(socket: String?) { write(socket: socket) }

  private func write(socket: String?) {
    let text = "pid \(getpid())\n" + (socket.map { "socket \($0)\n" } ?? "")
    let bytes = Array(text.utf8)
    unsafe bytes.withUnsafeBytes { buffer in
      unsafe _ = pwrite(descriptor, buffer.baseAddress, buffer.count, 0)
    }
    _ = ftruncate(descriptor, bytes.count)
  }

  /// Who holds a directory; nil if nobody does, or there is none. Makes nothing.
  static func holder(of directory: String) throws -> Held? {
    guard FileManager.default.fileExists(atPath: directory + "/maildex.lock") else { return nil }
    let path = directory + "/maildex.lock"
    let descriptor = unsafe Glibc.open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else {
      throw CommandFailure("\(path): cannot be opened: \(unsafe String(cString: strerror(errno)))")
    }
    defer { _ = Glibc.close(descriptor) }
    return flock(descriptor, LOCK_SH | LOCK_NB) == 0 ? nil : held(path)
  }

  private static func held(_ path: String) -> Held {
    let text = FileManager.default.contents(atPath: path).map { String(decoding: $0, as: UTF8.self) } ?? ""
    var values: [String: String] = [:]
    for line in text.split(separator: "\n") {
      let parts = line.split(separator: " ", maxSplits: 1)
      if parts.count == 2 { values[String(parts[0])] = String(parts[1]) }
    }
    return Held(pid: values["pid"] ?? "?", socket: values["socket"])
  }
}
