import Glibc
import SMTP
import TestSupport
import Testing

struct IPAddressTests {
  @Test(arguments: [
    ("192.0.2.7", "7.2.0.192"), ("::ffff:192.0.2.7", "7.2.0.192"), ("0.0.0.0", "0.0.0.0"),
    // The example of RFC 5782 §2.4.
    (
      "2001:db8:1:2:3:4:567:89ab",
      "b.a.9.8.7.6.5.0.4.0.0.0.3.0.0.0.2.0.0.0.1.0.0.0.8.b.d.0.1.0.0.2"
    ),
  ])
  func `lists in DNS have an address by its parts, the last first`(text: String, labels: String) {
    #expect(IPAddress(text)?.reversedLabels == labels)
  }

  @Test(arguments: [
    ("0.0.0.0", "0.0.0.0"), ("192.0.2.7", "192.0.2.7"), ("255.255.255.255", "255.255.255.255"), ("::", "::"),
    ("::1", "::1"), ("1::", "1::"), ("2001:DB8::7", "2001:db8::7"), ("2001:0db8:0000::0007", "2001:db8::7"),
    ("1:2:3:4:5:6:7:8", "1:2:3:4:5:6:7:8"), ("1:2:3:4:5:6:7::", "1:2:3:4:5:6:7:0"),
    ("::2:3:4:5:6:7:8", "0:2:3:4:5:6:7:8"), ("2001:db8:0:0:1:0:0:1", "2001:db8::1:0:0:1"),
    ("2001:0:0:1:0:0:0:1", "2001:0:0:1::1"), ("64:ff9b::192.0.2.33", "64:ff9b::c000:221"),
    ("1:2:3:4:5:6:1.2.3.4", "1:2:3:4:5:6:102:304"), ("fe80::1:2:3:4", "fe80::1:2:3:4"),
  ])
  func `an address is read in every form and written in one`(text: String, canonical: String) {
    #expect(IPAddress(text)?.description == canonical)
  }

  @Test(arguments: [
    "", "192.0.2", "192.0.2.7.1", "192.0.2.256", "192.0.2.07", "192.0.2.", ".192.0.2.7", "192.0..7", "192.0.2.-7",
    "192.0.2.+7", "192.0.2.7 ", " 192.0.2.7", "0x7f.0.0.1", "2130706433", "192.0.2.9999999999999999999", "1.2.3.4::",
    ":", ":::", "::1::", "1::2::3", "1:2:3:4:5:6:7", "1:2:3:4:5:6:7:8:9", "1:2:3:4:5:6:7:8::", "::1:2:3:4:5:6:7:8",
    "1:2:3:4::5:6:7:8", ":1:2:3:4:5:6:7", "1:2:3:4:5:6:7:", "12345::", "g::", "::+1", "::1%eth0", "[::1]", "[::1]:25",
    "1:2:3:4:5:6:7:1.2.3.4", "::1.2.3", "::1.2.3.4:5", "::1.2.3.04", "::ffff:1.2.3.400", "::\u{FF11}", "localhost",
  ])
  func `anything else is no address`(text: String) {
    #expect(IPAddress(text) == nil)
  }

  @Test(arguments: ["::ffff:192.0.2.7", "::ffff:c000:207", "::FFFF:192.0.2.7", "0:0:0:0:0:ffff:c000:0207"])
  func `an IPv4 address that is mapped into IPv6 is that address`(text: String) {
    #expect(IPAddress(text) == IPAddress("192.0.2.7"))
    #expect(IPAddress(text)?.family == .ipv4)
    #expect(IPAddress(text)?.description == "192.0.2.7")
  }

  @Test(arguments: ["::192.0.2.7", "::fffe:192.0.2.7", "::1:ffff:192.0.2.7", "64:ff9b::192.0.2.7"])
  func `an IPv6 address that only ends in an IPv4 address stays what it is`(text: String) {
    #expect(IPAddress(text)?.family == .ipv6)
  }

  @Test(arguments: [
    ("127.0.0.1", true), ("127.255.255.255", true), ("::1", true), ("::ffff:127.0.0.1", true), ("128.0.0.1", false),
    ("126.255.255.255", false), ("::", false), ("::2", false), ("1::1", false), ("0.0.0.0", false),
  ])
  func `this machine is known`(text: String, isLoopback: Bool) {
    #expect(IPAddress(text)?.isLoopback == isLoopback)
  }

  /// glibc writes what ends in an IPv4 address with dots also where it is no mapped one, as nobody else does.
  @Test(arguments: UInt64(0)..<4)
  func `the system writes and reads addresses in the same way`(seed: UInt64) {
    var random = SeededGenerator(seed: seed)
    for _ in 0..<500 {
      var bytes: [UInt8] = []
      while bytes.count < 16 {
        let byte = UInt8.random(in: 0...255, using: &random)
        let group: [UInt8] = [Bool.random(using: &random) ? 0 : byte, UInt8.random(in: 0...2, using: &random)]
        bytes += Bool.random(using: &random) ? [0, 0] : group
      }
      bytes[Int.random(in: 0..<12, using: &random)] = UInt8.random(in: 1...255, using: &random)
      let address = IPAddress(ipv6: bytes.reduce(0) { $0 << 8 | UInt128($1) })
      guard address.family == .ipv6 else { continue }
      let text = systemText(bytes)
      #expect(address.description == text, "seed \(seed)")
      #expect(IPAddress(text) == address, "seed \(seed)")
    }
  }

  /// Whatever one of them takes the other takes, and for the same address.
  @Test(arguments: UInt64(0)..<4)
  func `the system takes the same texts for addresses`(seed: UInt64) {
    var random = SeededGenerator(seed: seed)
    let pieces = ["0", "1", "ff", "db8", "2001", "12345", ":", ":", ":", "::", "::", ".", "1.2.3.4", "255", "256"]
    for _ in 0..<5_000 {
      let text = (0..<Int.random(in: 1...15, using: &random)).map { _ in
        pieces.randomElement(using: &random) ?? ""
      }.joined()
      var bytes = [UInt8](repeating: 0, count: 16)
      let family = text.contains(":") ? AF_INET6 : AF_INET
      let isAddress = inet_pton(family, text, &bytes) == 1
      let address = IPAddress(text)
      #expect((address != nil) == isAddress, "'\(text)', seed \(seed)")
      guard isAddress else { continue }
      let expected =
        family == AF_INET6
        ? IPAddress(ipv6: bytes.reduce(0) { $0 << 8 | UInt128($1) })
        : IPAddress(ipv4: bytes.prefix(4).reduce(0) { $0 << 8 | UInt32($1) })
      #expect(address == expected, "'\(text)', seed \(seed)")
    }
  }

  private func systemText(_ bytes: [UInt8]) -> String {
    var text = [CChar](repeating: 0, count: Int(INET6_ADDRSTRLEN))
    inet_ntop(AF_INET6, bytes, &text, socklen_t(text.count))
    return String(decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }
}
