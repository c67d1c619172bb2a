import Glibc
import Synchronization

/// A file descriptor with positioned I/O, closed once: by `close()` or when the last reference goes.
final class PosixFile: File {
  let path: String
  private let descriptor: Int32
  private let isClosed = Atomic<Bool>(false)

  init(descriptor: Int32, path: String) {
    self.descriptor = descriptor
    self.path = path
  }

  deinit { close() }

  func read(at offset: UInt64, byteCount: Int) throws(FileError) -> [UInt8] {
    var failure: Int32 = 0
    let bytes = unsafe [UInt8](unsafeUninitializedCapacity: byteCount) { buffer, count in
      while count < byteCount {
        let result = unsafe pread(descriptor, buffer.baseAddress! + count, byteCount - count, off_t(offset) + count)
        if result == 0 { return }
        if result < 0 {
          if errno == EINTR { continue }
          failure = errno
          return
        }
        count += result
      }
    }
    if failure != 0 { throw FileError(errno: failure, path: path, call: "pread") }
    return bytes
  }

  func write(_ bytes: [UInt8], at offset: UInt64) throws(FileError) {
    var failure: Int32 = 0
    unsafe bytes.withUnsafeBytes { buffer in
      var done = 0
      while done < buffer.count {
        let result = unsafe pwrite(descriptor, buffer.baseAddress! + done, buffer.count - done, off_t(offset) + done)
        if result < 0 {
          if errno == EINTR { continue }
          failure = errno
          return
        }
        done += result
      }
    }
    if failure != 0 { throw FileError(errno: failure, path: path, call: "pwrite") }
  }

  func preallocate(byteCount: UInt64) throws(FileError) {
    let result = posix_fallocate(descriptor, 0, off_t(byteCount))
    if result != 0 { throw FileError(errno: result, path: path, call: "fallocate") }
  }

  func truncate(to byteCount: UInt64) throws(FileError) {
    if ftruncate(descriptor, off_t(byteCount)) != 0 { throw FileError(errno: errno, path: path, call: "ftruncate") }
  }

  func syncData() throws(FileError) {
    if fdatasync(descriptor) != 0 { throw FileError(errno: errno, path: path, call: "fdatasync") }
  }

  func byteCount() throws(FileError) -> UInt64 {
    var status = stat()
    if unsafe fstat(descriptor, &status) != 0 { throw FileError(errno: errno, path: path, call: "fstat") }
    return UInt64(status.st_size)
  }

  func close() {
    if !isClosed.exchange(true, ordering: .acquiringAndReleasing) { _ = Glibc.close(descriptor) }
  }
}
