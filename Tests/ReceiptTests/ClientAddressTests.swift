import NIOCore
import SMTP
import Testing

@testable import Receipt

struct ClientAddressTests {
  @Test(arguments: [
    ("192.0.2.7", "192.0.2.7/32"), ("::ffff:192.0.2.7", "192.0.2.7/32"),
    ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"), ("2001:db8::7", "2001:db8::/64"),
    ("2001:db8:0:1::", "2001:db8:0:1::/64"), ("fe80::1:2:3:4", "fe80::/64"), ("::2:3:4:5:6:7", "0:0:2:3::/64"),
    ("127.0.0.1", nil), ("::1", nil), ("::ffff:127.0.0.1", nil),
  ])
  func `an IPv6 client is its whole 64-bit network`(address: String, site: String?) throws {
    let address = try SocketAddress(ipAddress: address, port: 25)
    #expect(ClientAddress(of: address).site?.description == site)
  }

  @Test(arguments: [
    ("192.0.2.7", "192.0.2.7"), ("::ffff:192.0.2.7", "192.0.2.7"), ("2001:DB8::7", "2001:db8::7"), ("::1", "::1"),
  ])
  func `an address is written without its port, and one of IPv4 always in the same way`(
    address: String, text: String
  ) throws {
    let address = try SocketAddress(ipAddress: address, port: 25)
    #expect(ClientAddress(of: address).text == text)
    #expect(ClientAddress(of: address) == ClientAddress(IPAddress(text)))
  }

  @Test func `a Unix socket has no internet address`() throws {
    let address = ClientAddress(of: try SocketAddress(unixDomainSocketPath: "lmtp"))
    #expect(address.ip == nil && address.text.isEmpty && address.site == nil)
    #expect(ClientAddress(of: nil) == address)
  }
}
