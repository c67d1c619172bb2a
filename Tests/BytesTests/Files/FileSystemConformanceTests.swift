import Bytes
import TestSupport
import Testing

/// What every store relies on, the same for the machine's files and for the twin that crashes.
struct FileSystemConformanceTests {
  enum Kind: CaseIterable {
    case posix
    case crashable
  }

  private func withFileSystem(_ kind: Kind, _ body: (any FileSystem, String) throws -> Void) throws {
    switch kind {
    case .posix: try withTemporaryDirectory { try body(PosixFileSystem(), $0) }
    case .crashable:
      let disk = CrashableFileSystem()
      try disk.createDirectory("/data")
      try body(disk, "/data")
    }
  }

  @Test(arguments: Kind.allCases)
  func `reads what was written, and fewer bytes only at the end`(kind: Kind) throws {
    try withFileSystem(kind) { system, root in
      let file = try system.open(root + "/a", .create)
      try file.write([1, 2, 3, 4, 5], at: 0)
      try file.write([9, 9], at: 1)
      #expect(try file.read(at: 0, byteCount: 100) == [1, 9, 9, 4, 5])
      #expect(try file.read(at: 3, byteCount: 1) == [4])
      #expect(try file.read(at: 5, byteCount: 10) == [])
      #expect(try file.read(at: 500, byteCount: 10) == [])
      #expect(try file.byteCount() == 5)
      #expect { try file.readExactly(at: 2, byteCount: 4) } throws: { ($0 as? FileError)?.code == .truncated }
    }
  }

  @Test(arguments: Kind.allCases)
  func `a write beyond the end leaves zeros between`(kind: Kind) throws {
    try withFileSystem(kind) { system, root in
      let file = try system.open(root + "/a", .create)
      try file.write([7], at: 4)
      #expect(try file.read(at: 0, byteCount: 9) == [0, 0, 0, 0, 7])
    }
  }

  @Test(arguments: Kind.allCases)
  func `preallocation extends with zeros, keeps bytes and never shrinks`(kind: Kind) throws {
    try withFileSystem(kind) { system, root in
      let file = try system.open(root + "/a", .create)
      try file.write([1, 2], at: 0)
      try file.preallocate(byteCount: 4_096)
      #expect(try file.byteCount() == 4_096)
      #expect(try file.read(at: 0, byteCount: 4) == [1, 2, 0, 0])
      try file.preallocate(byteCount: 10)
      #expect(try file.byteCount() == 4_096)
      try file.truncate(to: 1)
      #expect(try file.read(at: 0, byteCount: 4) == [1])
      try file.truncate(to: 3)
      #expect(try file.read(at: 0, byteCount: 4) == [1, 0, 0])
    }
  }

  @Test(arguments: Kind.allCases)
  func `open modes ask for a file that is there, or is not`(kind: Kind) throws {
    try withFileSystem(kind) { system, root in
      let path = root + "/a"
      #expect { try system.open(path, .read) } throws: { ($0 as? FileError)?.code == .notFound }
      #expect { try system.open(path, .readWrite) } throws: { ($0 as? FileError)?.code == .notFound }
      #expect { try system.open(root + "/none/a", .create) } throws: { ($0 as? FileError)?.code == .notFound }
      try system.createFile(path, with: [1])
      #expect { try system.open(path, .create) } throws: { ($0 as? FileError)?.code == .exists }
      let readOnly = try system.open(path, .read)
      #expect { try readOnly.write([2], at: 0) } throws: { ($0 as? FileError)?.code == .failed }
      #expect(try system.readFile(path) == [1])
    }
  }

  @Test(arguments: Kind.allCases)
  func `a closed file refuses everything, also twice closed`(kind: Kind) throws {
    try withFileSystem(kind) { system, root in
      let file = try system.open(root + "/a", .create)
      file.close()
      file.close()
      #expect(throws: FileError.self) { try file.write([1], at: 0) }
      #expect(throws: FileError.self) { try file.read(at: 0, byteCount: 1) }
      #expect(throws: FileError.self) { try file.syncData() }
    }
  }

  @Test(arguments: Kind.allCases)
  func `rename replaces its target and open files keep their bytes`(kind: Kind) throws {
    try withFileSystem(kind) { system, root in
      try system.createFile(root + "/old", with: [1])
      try system.createFile(root + "/new", with: [2])
      let replaced = try system.open(root + "/old", .read)
      let moved = try system.open(root + "/new", .readWrite)
      try system.rename(root + "/new", to: root + "/old")
      #expect(try system.list(root) == ["old"])
      #expect(try system.readFile(root + "/old") == [2])
      #expect(try replaced.read(at: 0, byteCount: 9) == [1])
      try moved.write([3], at: 0)
      #expect(try system.readFile(root + "/old") == [3])
      #expect { try system.rename(root + "/none", to: root + "/x") } throws: { ($0 as? FileError)?.code == .notFound }
    }
  }

  @Test(arguments: Kind.allCases)
  func `a removed file is gone by name and readable while open`(kind: Kind) throws {
    try withFileSystem(kind) { system, root in
      try system.createFile(root + "/a", with: [1])
      let file = try system.open(root + "/a", .read)
      try system.remove(root + "/a")
      #expect(!system.exists(root + "/a"))
      #expect(try file.read(at: 0, byteCount: 9) == [1])
      #expect { try system.remove(root + "/a") } throws: { ($0 as? FileError)?.code == .notFound }
    }
  }

  @Test(arguments: Kind.allCases)
  func `directories are made with their parents, listed sorted, and may be there already`(kind: Kind) throws {
    try withFileSystem(kind) { system, root in
      try system.createDirectory(root + "/b/c")
      try system.createDirectory(root + "/b/c")
      try system.createFile(root + "/z", with: [])
      try system.createFile(root + "/a", with: [])
      try system.createFile(root + "/b/inner", with: [])
      #expect(try system.list(root) == ["a", "b", "z"])
      #expect(try system.list(root + "/b") == ["c", "inner"])
      #expect(system.exists(root + "/b/c"))
      #expect(!system.exists(root + "/c"))
      try system.syncDirectory(root)
      #expect { try system.list(root + "/none") } throws: { ($0 as? FileError)?.code == .notFound }
      #expect(throws: FileError.self) { try system.syncDirectory(root + "/none") }
    }
  }

  @Test(arguments: Kind.allCases)
  func `replaceFile leaves the new bytes and no other name`(kind: Kind) throws {
    try withFileSystem(kind) { system, root in
      try system.replaceFile(root + "/a", with: [1, 2])
      try system.replaceFile(root + "/a", with: [3])
      #expect(try system.readFile(root + "/a") == [3])
      #expect(try system.list(root) == ["a"])
    }
  }
}
