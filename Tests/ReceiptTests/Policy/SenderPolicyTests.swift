import MailStore
import Receipt
import Testing

struct SenderPolicyTests {
  private func policy(block: [String], allow: [String] = []) throws -> SenderPolicy {
    func patterns(_ texts: [String]) throws -> Set<SenderPattern> {
      Set(try texts.map { try #require(SenderPattern($0)) })
    }
    return SenderPolicy(allowed: try patterns(allow), blocked: try patterns(block))
  }

  @Test(arguments: [
    ("eve@example.net", "eve@example.net"), ("eve@example.net", "EVE@Example.NET"),
    ("eve@example.net", "\"eve\"@example.net"), ("@example.net", "anybody@example.net"),
    ("@Example.NET.", "anybody@example.net"), (".example.net", "eve@mx.example.net"),
    (".example.net", "eve@a.b.example.net"), (".net", "eve@example.net"), ("@[192.0.2.1]", "eve@[192.0.2.1]"),
    ("gül@example.net", "gu\u{308}l@example.net"), ("@bücher.example", "eve@BÜCHER.example"),
    ("\"a b\"@example.net", "\"a b\"@example.net"),
    ("@example.net", "\(String(repeating: "x", count: 200))@example.net"),
  ])
  func `a sender is blocked by address, domain or the domain above`(pattern: String, sender: String) throws {
    #expect(try policy(block: [pattern]).blocks(sender))
  }

  @Test(arguments: [
    ("eve@example.net", "eve@mx.example.net"), ("eve@example.net", "eve+x@example.net"),
    ("@example.net", "eve@mx.example.net"), ("@example.net", "eve@badexample.net"), (".example.net", "eve@example.net"),
    (".example.net", "eve@badexample.net"), ("@example.net", "\"@example.net\"@example.org"),
    ("@example.net", "eve%example.net@example.org"), ("@example.net", ""),
  ])
  func `nobody else is`(pattern: String, sender: String) throws {
    #expect(try !policy(block: [pattern]).blocks(sender))
  }

  @Test func `what is allowed is taken wherever it is blocked`() throws {
    let policy = try policy(block: ["@example.net", ".example.net"], allow: ["dan@example.net", ".good.example.net"])
    #expect(policy.blocks("eve@example.net") && policy.blocks("dan@mx.example.net"))
    #expect(!policy.blocks("Dan@example.net") && !policy.blocks("eve@mx.good.example.net"))
    #expect(policy.blocks("eve@good.example.net"))
  }

  @Test(arguments: [
    "", "@", ".", "example.net", "eve", "postmaster", "@a@b", "eve@", "@ example.net", "eve @example.net", "<>", "*",
    "@example.net\0",
  ])
  func `what is none of the three is no pattern`(text: String) {
    #expect(SenderPattern(text) == nil)
  }
}
