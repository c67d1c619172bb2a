import Foundation
import Glibc
import Testing

@Suite(.timeLimit(.minutes(60))) struct OccupiedPortTests {
  @Test(arguments: ["http", "smtp"])
  func `a port in use is named, and nothing is left behind`(listener: String) async throws {
    try await withMailbox { data in
      let other = try Listener()
      let free = listener == "http" ? "--smtp" : "--http"
      let line = try await fail(
        ["serve", "--data", data, "--\(listener)", other.address, free, "127.0.0.1:0"],
        environment: ["MAILDEX_LOG_LEVEL": "critical"])
      #expect(
        line
          == "Error: \(listener).listen: cannot listen on \(other.address): Address already in use; "
          + "choose another address, or free this one")
      #expect(try await succeed(["user", "list", "--data", data]).output == "alice@example.com\n")
    }
  }
}

/// Somebody else's port on loopback, listened on for as long as this lives.
private final class Listener {
  let address: String
  private let descriptor: Int32

  init() throws {
    descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    var local = sockaddr_in()
    local.sin_family = sa_family_t(AF_INET)
    local.sin_addr.s_addr = inet_addr("127.0.0.1")
    var size = socklen_t(MemoryLayout<sockaddr_in>.size)
    let descriptor = descriptor
    let isListening = withUnsafeMutablePointer(to: &local) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        bind(descriptor, $0, size) == 0 && listen(descriptor, 1) == 0 && getsockname(descriptor, $0, &size) == 0
      }
    }
    address = "127.0.0.1:\(UInt16(bigEndian: local.sin_port))"
    try #require(isListening, "errno \(errno)")
  }

  deinit { close(descriptor) }
}
