import Glibc
import TestSupport
import Testing

@testable import Bytes

struct PosixFileSystemTests {
  @Test func `a directory that cannot be read to its end is an error, not a short list`() throws {
    try withTemporaryDirectory { root in
      try PosixFileSystem().createFile(root + "/a", with: [1])
      let handle = try #require(opendir(root))
      defer { closedir(handle) }
      #expect(try PosixFileSystem.names(in: handle, of: root) == ["a"])
      // From here on the system has a file in its hands, and says so.
      let file = open(root + "/a", O_RDONLY)
      defer { close(file) }
      try #require(dup2(file, dirfd(handle)) >= 0)
      rewinddir(handle)
      #expect { try PosixFileSystem.names(in: handle, of: root) } throws: { error in
        (error as? FileError)?.message.contains("readdir") ?? false
      }
    }
  }

  @Test(arguments: [
    (ENOENT, FileError.Code.notFound, false), (EEXIST, .exists, false), (ENOSPC, .noSpace, true),
    (EDQUOT, .noSpace, true), (EMFILE, .noDescriptors, true), (ENFILE, .noDescriptors, true), (EIO, .failed, false),
  ])
  func `the kind of a failure says whether it passes`(errno: Int32, code: FileError.Code, isTemporary: Bool) {
    let error = FileError(errno: errno, path: "a", call: "open")
    #expect(error.code == code)
    #expect(error.isTemporary == isTemporary)
  }

  @Test func `the machine's monotonic clock goes forward`() {
    let clock = SystemClock()
    let first = clock.elapsed()
    #expect(clock.elapsed() >= first)
    #expect(first > .zero)
  }
}
