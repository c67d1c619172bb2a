import Testing

@testable import MailStore

struct SenderKeyTests {
  private func key(_ client: String, _ reversePath: String = "a@example.org") -> SenderKey {
    SenderKey(simulatedEnvelope(from: client, reversePath: reversePath))
  }

  @Test func `an IPv4 address is a sender, whatever it says of itself`() {
    #expect(key("192.0.2.7", "a@example.org") == key("192.0.2.7", "b@example.net"))
    #expect(key("192.0.2.7") != key("192.0.2.8"))
  }

  @Test func `an IPv6 network of 64 bits is one sender`() {
    #expect(key("2001:db8::1") == key("2001:db8:0:0:ffff::2"))
    #expect(key("2001:db8::1") != key("2001:db8:0:1::1"))
    #expect(key("2001:db8::1") != key("2001:db8:1::1"))
  }

  @Test(arguments: ["", "127.0.0.1", "127.9.9.9", "::1"])
  func `what this machine hands in is told apart by the domain of the sender`(client: String) {
    #expect(key(client, "a@example.org") == key(client, "b@EXAMPLE.org"))
    #expect(key(client, "a@example.org") != key(client, "a@example.net"))
    #expect(key(client, "") == key("", "nonsense"))
  }

  @Test(arguments: [":", "::::", "2001:db8::g", "1:2:3:4:5:6:7:8:9", "x:\u{0}y"])
  func `what is no address is a sender of its own`(client: String) {
    #expect(key(client).text == client)
  }
}
