import Foundation
import TestSupport
import Testing

@testable import maildex

struct DirectoryLockTests {
  @Test func `a held directory is refused and names its holder and socket`() throws {
    try withTemporaryDirectory { directory in
      let first = try DirectoryLock(acquiring: directory)
      first.announce(socket: "/run/x.sock")
      let held = #expect(throws: DirectoryLock.Held.self) { _ = try DirectoryLock(acquiring: directory) }
      #expect(held?.socket == "/run/x.sock")
      #expect(held?.pid.isEmpty == false)
      withExtendedLifetime(first) {}
    }
  }

  @Test func `a holder is named without taking its place, and where there is none nothing is made`() throws {
    try withTemporaryDirectory { directory in
      #expect(try DirectoryLock.holder(of: directory) == nil)
      #expect(try DirectoryLock.holder(of: directory + "/nowhere") == nil)
      #expect(!FileManager.default.fileExists(atPath: directory + "/nowhere"))
      do { _ = try DirectoryLock(acquiring: directory) }
      #expect(try DirectoryLock.holder(of: directory) == nil)
      let lock = try DirectoryLock(acquiring: directory)
      lock.announce(socket: "/run/x.sock")
      #expect(try DirectoryLock.holder(of: directory)?.socket == "/run/x.sock")
      withExtendedLifetime(lock) {}
    }
  }

  @Test func `a released directory can be taken again`() throws {
    try withTemporaryDirectory { directory in
      do { _ = try DirectoryLock(acquiring: directory) }
      _ = try DirectoryLock(acquiring: directory)
    }
  }
}
