import SMTP
import TestSupport
import Testing

struct NetworkTests {
  @Test(arguments: [
    ("192.0.2.0/24", "192.0.2.0/24"), ("192.0.2.7", "192.0.2.7/32"), ("0.0.0.0/0", "0.0.0.0/0"),
    ("2001:DB8::/32", "2001:db8::/32"), ("2001:db8::7", "2001:db8::7/128"), ("::/0", "::/0"),
    ("::ffff:192.0.2.0/120", "192.0.2.0/24"), ("::ffff:192.0.2.7", "192.0.2.7/32"), ("::ffff:0:0/96", "0.0.0.0/0"),
    ("128.0.0.0/1", "128.0.0.0/1"), ("8000::/1", "8000::/1"),
  ])
  func `a network is an address and a length`(text: String, canonical: String) throws {
    #expect(try Network(text).description == canonical)
  }

  @Test(
    arguments: [
      ("", .noAddress), ("/8", .noAddress), ("10.0.0/8", .noAddress), ("example.com", .noAddress),
      (" 10.0.0.0/8", .noAddress), ("10.0.0.0/", .prefixLength(0...32)), ("10.0.0.0/33", .prefixLength(0...32)),
      ("10.0.0.0/08", .prefixLength(0...32)), ("10.0.0.0/-8", .prefixLength(0...32)),
      ("10.0.0.0/+8", .prefixLength(0...32)), ("10.0.0.0/8/8", .prefixLength(0...32)),
      ("10.0.0.0/255.0.0.0", .prefixLength(0...32)), ("10.0.0.0/99999999999999999999", .prefixLength(0...32)),
      ("2001:db8::/129", .prefixLength(0...128)), ("::ffff:10.0.0.0/8", .prefixLength(96...128)),
    ] as [(String, Network.ParsingError)])
  func `a text that is no network is an error that says why`(text: String, error: Network.ParsingError) {
    #expect(throws: error) { try Network(text) }
  }

  @Test(arguments: [
    ("10.0.0.1/8", "10.0.0.0/8"), ("2001:db8::1/32", "2001:db8::/32"), ("192.0.2.129/25", "192.0.2.128/25"),
    ("::ffff:10.0.0.1/104", "10.0.0.0/8"), ("1.0.0.0/0", "0.0.0.0/0"),
  ])
  func `bits that are set behind the prefix are an error that names the network`(text: String, network: String) throws {
    let network = try Network(network)
    #expect(throws: Network.ParsingError.within(network)) { try Network(text) }
    #expect(Network.ParsingError.within(network).description.contains(network.description))
  }

  @Test(arguments: [
    ("192.0.2.0/24", "192.0.2.0", true), ("192.0.2.0/24", "192.0.2.255", true), ("192.0.2.0/24", "192.0.3.0", false),
    ("192.0.2.0/24", "192.0.1.255", false), ("192.0.2.7", "192.0.2.7", true), ("192.0.2.7", "192.0.2.6", false),
    ("192.0.2.0/24", "::ffff:192.0.2.7", true), ("::ffff:192.0.2.0/120", "192.0.2.7", true),
    ("0.0.0.0/0", "255.255.255.255", true), ("0.0.0.0/0", "::1", false), ("::/0", "2001:db8::7", true),
    ("::/0", "192.0.2.7", false), ("2001:db8::/32", "2001:db8:ffff:ffff:ffff:ffff:ffff:ffff", true),
    ("2001:db8::/32", "2001:db9::", false), ("::1", "::1", true), ("::1", "0.0.0.1", false),
    ("fe80::/10", "febf::1", true), ("fe80::/10", "fec0::1", false),
  ])
  func `a network holds the addresses that begin as it does`(network: String, address: String, holds: Bool) throws {
    let address = try #require(IPAddress(address))
    #expect(try Network(network).contains(address) == holds)
  }

  @Test(arguments: UInt64(0)..<4)
  func `two addresses are in one network as far as their first bits are the same`(seed: UInt64) {
    var random = SeededGenerator(seed: seed)
    for _ in 0..<200 {
      let bits = UInt32.random(in: 0...UInt32.max, using: &random)
      let same = Int.random(in: 0...31, using: &random)
      let address = IPAddress(ipv4: bits)
      let other = IPAddress(ipv4: bits ^ 1 << UInt32(31 - same))
      for length in 0...32 {
        let network = Network(of: address, prefixLength: length)
        #expect(network.contains(address), "seed \(seed)")
        #expect(network.contains(other) == (length <= same), "seed \(seed), /\(length)")
      }
    }
  }
}
