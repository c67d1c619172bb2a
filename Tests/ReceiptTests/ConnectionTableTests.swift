import NIOCore
import NIOEmbedded
import SMTP
import Testing

@testable import Receipt

struct ConnectionTableTests {
  private let table = ConnectionTable(maxConnections: 4, maxConnectionsPerClient: 2)

  @Test func `one client takes only its share of the places, and has it back when a connection goes`() throws {
    let first = try channel(from: "192.0.2.7")
    #expect(table.admit(first) == .admitted)
    #expect(try table.admit(channel(from: "192.0.2.7")) == .admitted)
    #expect(try table.admit(channel(from: "192.0.2.7")) == .refused(.tooManyConnectionsOfClient))
    #expect(try table.admit(channel(from: "::ffff:192.0.2.7")) == .refused(.tooManyConnectionsOfClient))
    #expect(try table.admit(channel(from: "192.0.2.8")) == .admitted)
    table.remove(first)
    #expect(table.count == 2)
    #expect(try table.admit(channel(from: "192.0.2.7")) == .admitted)
    #expect(try table.admit(channel(from: "192.0.2.7")) == .refused(.tooManyConnectionsOfClient))
  }

  @Test(arguments: ["127.0.0.1", "127.1.2.3", "::1"])
  func `this machine may take all places`(address: String) throws {
    for _ in 0..<4 { #expect(try table.admit(channel(from: address)) == .admitted) }
    #expect(try table.admit(channel(from: address)) == .refused(.tooManyConnections))
  }

  @Test func `there are as many places for goodbyes as for connections`() throws {
    for _ in 0..<4 { _ = try table.admit(channel(from: "127.0.0.1")) }
    for _ in 0..<4 { #expect(try table.admit(channel(from: "127.0.0.1")) == .refused(.tooManyConnections)) }
    #expect(try table.admit(channel(from: "127.0.0.1")) == .turnedAway)
    table.refusedHasLeft()
    #expect(try table.admit(channel(from: "127.0.0.1")) == .refused(.tooManyConnections))
  }

  @Test(arguments: [
    ("192.0.2.7", "192.0.2.7"), ("::ffff:192.0.2.7", "192.0.2.7"), ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2"),
    ("2001:db8::7", "2001:db8:0:0"), ("2001:db8:0:1::", "2001:db8:0:1"), ("fe80::1:2:3:4", "fe80:0:0:0"),
    ("::2:3:4:5:6:7", "0:0:2:3"), ("127.0.0.1", nil), ("::1", nil), ("::ffff:127.0.0.1", nil),
  ])
  func `an IPv6 client is its whole 64-bit network`(address: String, site: String?) throws {
    let address = try SocketAddress(ipAddress: address, port: 25)
    #expect(ClientAddress(address).site == site)
  }

  private func channel(from address: String) throws -> EmbeddedChannel {
    let channel = EmbeddedChannel()
    channel.remoteAddress = try SocketAddress(ipAddress: address, port: 25)
    return channel
  }
}
