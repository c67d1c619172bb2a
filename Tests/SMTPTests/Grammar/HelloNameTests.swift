import Testing

@testable import SMTP

struct HelloNameTests {
  @Test(arguments: [
    "mx.example.com", "MX.example.com.", "a.b", "xn--bcher-kva.example", "mail_out.example.com", "1.example.com",
    "[192.0.2.1]", "[IPv6:2001:db8::1]", "[ipv6:::1]",
  ])
  func `a host with its domain, or an address literal, is fully qualified`(name: String) {
    #expect(HelloName(name).isWellFormed && HelloName(name).isFullyQualified)
  }

  @Test(arguments: ["localhost", "MAILER", "a", "client-1", "localhost."])
  func `a host's name alone is well-formed and no more`(name: String) {
    #expect(HelloName(name).isWellFormed && !HelloName(name).isFullyQualified)
  }

  @Test(arguments: [
    "", ".", "..", "a..b", ".example.com", "-a.example.com", "a-.example.com", "mx.example.com..", "192.0.2.1",
    "192.0.2.1.", "2001:db8::1", "[192.0.2.1", "192.0.2.1]", "[192.0.2.256]", "[]", "[IPv6:]", "[2001:db8::1]",
    "[example.com]", "mx.example.com:25", "(mx)", "mx.example.com;x", "<mx.example.com>", "user@example.com",
    "3232235777", "*", "[192.0.2.1].", "[192.0.2.1]x",
  ])
  func `anything else is malformed`(name: String) {
    #expect(!HelloName(name).isWellFormed && !HelloName(name).isFullyQualified)
  }
}
