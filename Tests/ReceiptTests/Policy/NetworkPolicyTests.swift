import NIOCore
import SMTP
import Testing

@testable import Receipt

struct NetworkPolicyTests {
  @Test func `what is allowed is taken from wherever it is blocked`() throws {
    let policy = NetworkPolicy(
      allowed: [try Network("192.0.2.7")],
      blocked: [try Network("192.0.2.0/24"), try Network("2001:db8::/32")])
    #expect(try policy.blocks(client("192.0.2.6")) && policy.blocks(client("::ffff:192.0.2.6")))
    #expect(try policy.blocks(client("2001:db8::1")))
    #expect(try !policy.blocks(client("192.0.2.7")) && policy.trusts(client("192.0.2.7")))
    #expect(try !policy.blocks(client("198.51.100.1")) && !policy.trusts(client("198.51.100.1")))
  }

  @Test func `this machine is trusted where nothing else is said, and a Unix socket always`() throws {
    let policy = NetworkPolicy()
    #expect(try policy.trusts(client("127.0.0.1")) && policy.trusts(client("::1")))
    #expect(try !policy.trusts(client("192.0.2.7")))
    let strict = NetworkPolicy(allowed: [], blocked: [try Network("127.0.0.0/8")])
    #expect(try strict.blocks(client("127.0.0.1")) && !strict.trusts(client("127.0.0.1")))
    let local = ClientAddress(of: try SocketAddress(unixDomainSocketPath: "/run/x"))
    #expect(strict.trusts(local) && !strict.blocks(local))
  }

  private func client(_ address: String) throws -> ClientAddress {
    ClientAddress(of: try SocketAddress(ipAddress: address, port: 25))
  }
}
