import Bytes
import SMTP
import Testing

struct TraceFieldsTests {
  private var fields = TraceFields(
    reversePath: "alice@example.org", heloName: "client.example.org", clientAddress: "192.0.2.7",
    hostName: "mx.example.com", protocolName: "ESMTP", queueID: "1042", recipient: "bob@example.com",
    receivedAt: Timestamp(rawValue: 1_767_348_672_999))

  @Test func `names sender, client, server, queue item, the one recipient and the time`() {
    #expect(
      fields.text == """
        Return-Path: <alice@example.org>\r
        Received: from client.example.org ([192.0.2.7])\r
        \tby mx.example.com with ESMTP id 1042\r
        \tfor <bob@example.com>; Fri, 02 Jan 2026 10:11:12 +0000\r

        """)
  }

  @Test mutating func `names no recipient when there were several, and a null reverse path as it is`() {
    fields.recipient = nil
    fields.reversePath = ""
    fields.clientAddress = "2001:db8::7"
    #expect(
      fields.text == """
        Return-Path: <>\r
        Received: from client.example.org ([IPv6:2001:db8::7])\r
        \tby mx.example.com with ESMTP id 1042; Fri, 02 Jan 2026 10:11:12 +0000\r

        """)
  }

  @Test(arguments: [
    ("client.example.org", "client.example.org"), ("[192.0.2.7]", "[192.0.2.7]"), ("[IPv6:::1]", "[IPv6:::1]"),
    ("my_host", "my_host"), ("a(b", "a?b"), ("a;by=evil", "a?by?evil"), ("<x>", "?x?"), ("[", "?"), ("", "unknown"),
    ("[x:;(]", "?x:???"), ("[IPv6:;(]", "?IPv6:???"),
    ("a\r\nSubject: x", "a??Subject:?x"),
  ])
  mutating func `a hello name cannot change what the field means`(name: String, written: String) {
    fields.heloName = name
    #expect(fields.text.contains("Received: from \(written) ([192.0.2.7])\r\n"))
  }

  @Test mutating func `header injection: a line ending in an address does not reach the header`() {
    fields.reversePath = "a\r\nBcc: x@example.com"
    fields.recipient = "b\nX: y"
    #expect(fields.text.split(separator: "\r\n").count == 4)
    #expect(fields.text.hasPrefix("Return-Path: <aBcc: x@example.com>\r\n"))
  }
}
