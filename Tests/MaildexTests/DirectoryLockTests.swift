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

  @Test func `a released directory can be taken again`() throws {
    try withTemporaryDirectory { directory in
      do { _ = try DirectoryLock(acquiring: directory) }
      _ = try DirectoryLock(acquiring: directory)
    }
  }
}
