import Bytes
import SMTP
import TestSupport
import Testing

private typealias Headers = ProxyHeaderBytes

struct ProxyHeaderTests {
  // MARK: - Version 1

  @Test(arguments: [
    ("PROXY TCP4 192.0.2.7 198.51.100.25 56324 25\r\n", "192.0.2.7"),
    ("PROXY TCP4 255.255.255.255 255.255.255.255 65535 65535\r\n", "255.255.255.255"),
    ("PROXY TCP4 0.0.0.0 0.0.0.0 0 0\r\n", "0.0.0.0"),
    ("PROXY TCP6 2001:db8::7 2001:DB8::25 56324 25\r\n", "2001:db8::7"),
    (
      "PROXY TCP6 ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff 65535 65535\r\n",
      "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"
    ),
    ("PROXY TCP6 ::ffff:192.0.2.7 ::ffff:198.51.100.25 56324 25\r\n", "192.0.2.7"),
    ("PROXY UNKNOWN\r\n", nil),
    ("PROXY UNKNOWN 192.0.2.7 198.51.100.25 56324 25\r\n", nil),
    ("PROXY UNKNOWN  any thing \r at all\r\n", nil),
    (
      "PROXY UNKNOWN ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff 65535 65535\r\n",
      nil
    ),
  ])
  func `a line names the client, or says that it is unknown`(line: String, source: String?) throws {
    let header = try #require(try ProxyHeader.parse(Array((line + "EHLO c\r\n").utf8)))
    #expect(header.source?.description == source)
    #expect(header.byteCount == line.utf8.count)
  }

  @Test(arguments: [
    "EHLO c\r\n", " PROXY TCP4", "proxy TCP4", "PROXY\tTCP4", "PROXY\r\n", "PROXYTCP4", "GET / HTTP/1.1\r\n",
    "\u{16}\u{03}\u{01}", "PROXY \r\n", "PROXY  TCP4 192.0.2.7 198.51.100.25 56324 25\r\n",
    "PROXY TCP4\r\n", "PROXY TCP4 \r\n", "PROXY TCP4 192.0.2.7\r\n", "PROXY TCP4 192.0.2.7 198.51.100.25 56324\r\n",
    "PROXY TCP4 192.0.2.7 198.51.100.25 56324 25 \r\n", "PROXY TCP4 192.0.2.7 198.51.100.25 56324 25 1\r\n",
    "PROXY TCP4  192.0.2.7 198.51.100.25 56324 25\r\n", "PROXY TCP4 192.0.2.7  198.51.100.25 56324 25\r\n",
    "PROXY TCP4 192.0.2.7 198.51.100.25 56324  25\r\n", "PROXY TCP4\t192.0.2.7 198.51.100.25 56324 25\r\n",
    "PROXY TCP4 192.0.2.7 198.51.100.25 65536 25\r\n", "PROXY TCP4 192.0.2.7 198.51.100.25 56324 65536\r\n",
    "PROXY TCP4 192.0.2.7 198.51.100.25 056324 25\r\n", "PROXY TCP4 192.0.2.7 198.51.100.25 56324 025\r\n",
    "PROXY TCP4 192.0.2.7 198.51.100.25 00 25\r\n", "PROXY TCP4 192.0.2.7 198.51.100.25 -1 25\r\n",
    "PROXY TCP4 192.0.2.7 198.51.100.25 +1 25\r\n", "PROXY TCP4 192.0.2.7 198.51.100.25 99999999999999999999 25\r\n",
    "PROXY TCP4 192.0.2.7 198.51.100.25 x 25\r\n", "PROXY TCP4 192.0.2.07 198.51.100.25 56324 25\r\n",
    "PROXY TCP4 192.0.2.256 198.51.100.25 56324 25\r\n", "PROXY TCP4 192.0.2 198.51.100.25 56324 25\r\n",
    "PROXY TCP4 192.0.2.7 198.51.100 56324 25\r\n", "PROXY TCP4 2001:db8::7 2001:db8::25 56324 25\r\n",
    "PROXY TCP4 ::ffff:192.0.2.7 198.51.100.25 56324 25\r\n", "PROXY TCP4 192.0.2.7 2001:db8::25 56324 25\r\n",
    "PROXY TCP6 192.0.2.7 198.51.100.25 56324 25\r\n", "PROXY TCP6 2001:db8::7 198.51.100.25 56324 25\r\n",
    "PROXY TCP6 2001:db8::7%eth0 2001:db8::25 56324 25\r\n", "PROXY TCP6 [2001:db8::7] 2001:db8::25 56324 25\r\n",
    "PROXY tcp4 192.0.2.7 198.51.100.25 56324 25\r\n", "PROXY UDP4 192.0.2.7 198.51.100.25 56324 25\r\n",
    "PROXY TCP5 192.0.2.7 198.51.100.25 56324 25\r\n", "PROXY UNKNOWNX\r\n", "PROXY unknown\r\n",
    "PROXY TCP4 192.0.2.7 198.51.100.25 56324 25\n", "PROXY TCP4 192.0.2.7 198.51.100.25 56324 25\r \r\n",
    "PROXY TCP4 192.0.2.7 198.51.100.25 56324 25\r\r\n", "PROXY TCP4 192.0.2.7\r198.51.100.25 56324 25\r\n",
    "PROXY TCP4 192.0.2.7 198.51.100.25 56324 25\0\r\n", "PROXY UNKNOWN\n", "PROXY UNKNOWN a\nb\r\n",
  ])
  func `a line that is not exactly as it should be is refused`(line: String) {
    #expect(throws: DecodingError.self) { try ProxyHeader.parse(Array(line.utf8)) }
  }

  @Test func `what cannot become a header any more is refused at once`() {
    #expect(throws: DecodingError(offset: 0, message: "no PROXY header")) { try ProxyHeader.parse(Array("E".utf8)) }
    #expect(throws: DecodingError(offset: 4, message: "no PROXY header")) { try ProxyHeader.parse(Array("PROXx".utf8)) }
    #expect(throws: DecodingError.self) { try ProxyHeader.parse([0x0D, 0x0A, 0x0D, 0x0A, 0x01]) }
  }

  @Test func `a line has at most 107 bytes`() throws {
    let line = "PROXY UNKNOWN " + String(repeating: "x", count: 91)
    #expect(try ProxyHeader.parse(Array((line + "\r\n").utf8))?.byteCount == 107)
    #expect(try ProxyHeader.parse(Array((line + "\r").utf8)) == nil)
    #expect(throws: DecodingError.self) { try ProxyHeader.parse(Array((line + "x\r").utf8)) }
    #expect(throws: DecodingError.self) { try ProxyHeader.parse(Array((line + "x\r\n").utf8)) }
  }

  // MARK: - Version 2

  /// What HAProxy 2.6 sent: with `send-proxy-v2` alone, with checksum and id, over IPv6, from a socket of both families that
  /// takes a client of IPv4, and to see whether the server is well.
  @Test(arguments: [
    ("2111000c 7f000001 7f000001 e87a bc67", "127.0.0.1"),
    ("2111001a 7f000001 7f000001 e88a bc67 030004cc8629c0 05000439303834", "127.0.0.1"),
    (
      "2121002b 00000000000000000000000000000001 00000000000000000000000000000001 c452 bc68 03000414129cd3",
      "::1"
    ),
    ("21210024 00000000000000000000ffff7f000001 00000000000000000000ffff7f000001 cb4c bc69", "127.0.0.1"),
    ("20000007 030004a9b87e8f", nil),
  ])
  func `what HAProxy sends is understood`(hex: String, source: String?) throws {
    let bytes = Headers.signature + Headers.bytes(hex)
    let header = try #require(try ProxyHeader.parse(bytes + Array("EHLO c\r\n".utf8)))
    #expect(header.source?.description == source)
    #expect(header.byteCount == bytes.count)
    for count in 0..<bytes.count { #expect(try ProxyHeader.parse(Array(bytes[..<count])) == nil) }
  }

  @Test(
    arguments: [
      (0x21, 0x11, Headers.ipv4, "192.0.2.7"), (0x21, 0x21, Headers.ipv6, "2001:db8::7"),
      (0x21, 0x12, Headers.ipv4, nil), (0x21, 0x22, Headers.ipv6, nil),
      (0x21, 0x31, Array(repeating: 0x2F, count: 216), nil), (0x21, 0x32, Array(repeating: 0x2F, count: 216), nil),
      (0x21, 0x00, [], nil), (0x21, 0x00, [1, 2, 3, 4, 5], nil), (0x21, 0x10, Headers.ipv4, nil), (0x21, 0x10, [], nil),
      (0x21, 0x01, Headers.ipv4, nil), (0x20, 0x00, [], nil), (0x20, 0x11, Headers.ipv4, nil),
      (0x20, 0x11, [1, 2], nil),
      (0x20, 0xFF, [3, 0, 9], nil),
    ] as [(UInt8, UInt8, [UInt8], String?)])
  func `TCP names the client, and anything else that a proxy may say does not`(
    command: UInt8, kind: UInt8, body: [UInt8], source: String?
  ) throws {
    let bytes = Headers.header(command, kind, body)
    let header = try #require(try ProxyHeader.parse(bytes + [0]))
    #expect(header.source?.description == source)
    #expect(header.byteCount == bytes.count)
  }

  @Test(
    arguments: [
      (0x11, 0x11), (0x31, 0x11), (0x22, 0x11), (0x2F, 0x11), (0x00, 0x00), (0x21, 0x41), (0x21, 0xF1), (0x21, 0x13),
      (0x21, 0x1F), (0x21, 0x03), (0x21, 0x40),
    ] as [(UInt8, UInt8)])
  func `versions, commands, families and transports that are not assigned are refused`(command: UInt8, kind: UInt8) {
    #expect(throws: DecodingError.self) { try ProxyHeader.parse(Headers.header(command, kind, Headers.ipv4)) }
  }

  @Test(arguments: [(0x11, 11), (0x11, 0), (0x12, 11), (0x21, 35), (0x21, 12), (0x31, 215)] as [(UInt8, Int)])
  func `a length without room for the addresses is refused before they come`(kind: UInt8, length: Int) {
    let header = Headers.header(0x21, kind, Array(repeating: 0, count: length))
    #expect(throws: DecodingError.self) { try ProxyHeader.parse(Array(header.prefix(16))) }
  }

  @Test(arguments: [0x20, 0x21] as [UInt8])
  func `a header has at most 4,096 bytes, and a longer one is refused before it comes`(command: UInt8) throws {
    let most = Headers.header(command, 0x11, Headers.ipv4 + Headers.tlv(4, Array(repeating: 0, count: 4_096 - 31)))
    #expect(most.count == ProxyHeader.maxByteCount)
    #expect(try ProxyHeader.parse(most)?.byteCount == 4_096)
    #expect(try ProxyHeader.parse(Array(most.dropLast())) == nil)
    let more = Headers.header(command, 0x11, Headers.ipv4 + Headers.tlv(4, Array(repeating: 0, count: 4_097 - 31)))
    #expect(throws: DecodingError.self) { try ProxyHeader.parse(Array(more.prefix(16))) }
    #expect(throws: DecodingError.self) {
      try ProxyHeader.parse(Headers.signature + [command, 0x11, 0xFF, 0xFF])
    }
  }

  @Test func `what else a proxy says is skipped, known or not`() throws {
    let body =
      Headers.ipv4 + Headers.tlv(1, Array("h2".utf8)) + Headers.tlv(0xEA, []) + Headers.tlv(4, [3, 0, 4])
    #expect(try ProxyHeader.parse(Headers.header(0x21, 0x11, body))?.source?.description == "192.0.2.7")
  }

  @Test(
    arguments: [[1], [1, 0], [1, 0, 1], [1, 0, 3, 1, 1], [4, 0, 0, 1], [4, 255, 255, 0], [3, 0, 4]] as [[UInt8]])
  func `what ends within itself is refused`(rest: [UInt8]) {
    for (kind, addresses) in [(0x11, Headers.ipv4), (0x12, Headers.ipv4), (0x21, Headers.ipv6)] as [(UInt8, [UInt8])] {
      #expect(throws: DecodingError.self) { try ProxyHeader.parse(Headers.header(0x21, kind, addresses + rest)) }
    }
  }

  @Test func `a header that has changed after its checksum was made is refused`() throws {
    let bytes = Headers.signature + Headers.bytes("2111001a 7f000001 7f000001 e88a bc67 030004cc8629c0 05000439303834")
    // Without the type of the checksum there is none.
    for index in bytes.indices where index >= 16 && index != 28 {
      for bit in 0..<8 {
        var changed = bytes
        changed[index] ^= 1 << UInt8(bit)
        #expect(throws: DecodingError.self, "bit \(bit) of byte \(index)") { try ProxyHeader.parse(changed) }
      }
    }
  }

  @Test(arguments: [[], [0], [0, 0, 0], [0, 0, 0, 0, 0], [0, 0, 0, 0]] as [[UInt8]])
  func `a checksum of another length, or of zeros, is refused`(value: [UInt8]) {
    let header = Headers.header(0x21, 0x11, Headers.ipv4 + Headers.tlv(3, value))
    #expect(throws: DecodingError.self) { try ProxyHeader.parse(header) }
  }

  // MARK: - Any bytes

  @Test(arguments: UInt64(0)..<200)
  func `any bytes in any pieces are a header, an error or too few, and stay so`(seed: UInt64) {
    var random = SeededGenerator(seed: seed)
    let bytes = Self.nearlyHeader(&random) + (0..<10).map { _ in UInt8.random(in: 0...255, using: &random) }
    let whole = Outcome(of: bytes)
    var isDecided = false
    for count in 0...bytes.count {
      let outcome = Outcome(of: Array(bytes[..<count]))
      if isDecided || outcome != .incomplete {
        isDecided = true
        #expect(outcome == whole, "\(count) bytes, seed \(seed)")
      }
      if case .header(let header) = outcome { #expect(header.byteCount <= count, "seed \(seed)") }
    }
  }

  @Test(arguments: UInt64(0)..<50)
  func `after so many bytes as a header may have it is decided what they are`(seed: UInt64) {
    var random = SeededGenerator(seed: seed)
    var bytes = Self.nearlyHeader(&random)
    while bytes.count < 2 * ProxyHeader.maxByteCount { bytes.append(UInt8.random(in: 0...255, using: &random)) }
    let outcome = Outcome(of: Array(bytes.prefix(ProxyHeader.maxByteCount)))
    #expect(outcome != .incomplete, "seed \(seed)")
    #expect(outcome == Outcome(of: bytes), "seed \(seed)")
  }

  private enum Outcome: Equatable {
    case incomplete
    case header(ProxyHeader)
    case refused(DecodingError)

    init(of bytes: [UInt8]) {
      do throws(DecodingError) {
        self = try ProxyHeader.parse(bytes).map { .header($0) } ?? .incomplete
      } catch {
        self = .refused(error)
      }
    }
  }

  /// A header, of which a few bytes may have changed, gone or come.
  private static func nearlyHeader(_ random: inout SeededGenerator) -> [UInt8] {
    let filling = String(repeating: "x", count: Int.random(in: 80...100, using: &random))
    let headers: [[UInt8]] = [
      Array("PROXY TCP4 192.0.2.7 198.51.100.25 56324 25\r\n".utf8),
      Array("PROXY TCP6 2001:db8::7 ::ffff:192.0.2.25 56324 25\r\n".utf8),
      Array("PROXY UNKNOWN \(filling)\r\n".utf8),
      Headers.header(0x21, 0x11, Headers.ipv4 + Headers.tlv(4, [1, 2, 3]) + Headers.tlv(0xE0, [])),
      Headers.header(0x21, 0x21, Headers.ipv6), Headers.header(0x21, 0x31, Array(repeating: 7, count: 216)),
      Headers.header(0x20, 0x00, [1, 2, 3]),
      Headers.signature + Headers.bytes("2111001a 7f000001 7f000001 e88a bc67 030004cc8629c0 05000439303834"),
    ]
    var bytes = headers.randomElement(using: &random) ?? []
    for _ in 0..<Int.random(in: 0...2, using: &random) {
      let index = Int.random(in: 0..<bytes.count, using: &random)
      switch Int.random(in: 0...3, using: &random) {
      case 0: bytes[index] = UInt8.random(in: 0...255, using: &random)
      case 1: bytes[index] ^= 1 << UInt8.random(in: 0...7, using: &random)
      case 2: bytes.remove(at: index)
      default: bytes.insert([0, 10, 13, 32, 48, 255].randomElement(using: &random) ?? 0, at: index)
      }
    }
    return bytes
  }
}
