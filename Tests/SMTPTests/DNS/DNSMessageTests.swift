import SMTP
import TestSupport
import Testing

struct DNSMessageTests {
  private static let header: [UInt8] = [0, 7, 0x81, 0x80]
  private static let question: [UInt8] = [1, 0x37, 1, 0x32, 4] + Array("list".utf8) + [0, 0, 1, 0, 1]
  private static let owner: [UInt8] = [0xC0, 12]

  private static func counts(_ answers: UInt8, _ authorities: UInt8 = 0) -> [UInt8] {
    [0, 1, 0, answers, 0, authorities, 0, 0]
  }

  private static func record(_ type: UInt8, ttl: UInt32, _ data: [UInt8], class: UInt8 = 1) -> [UInt8] {
    let time = (0..<4).map { UInt8(truncatingIfNeeded: ttl >> (24 - 8 * $0)) }
    return owner + [0, type, 0, `class`] + time + [UInt8(data.count >> 8), UInt8(data.count & 0xFF)] + data
  }

  private static func soa(ttl: UInt32, minimum: UInt32) -> [UInt8] {
    let numbers: [UInt8] = Array(repeating: 9, count: 16)
    let last = (0..<4).map { UInt8(truncatingIfNeeded: minimum >> (24 - 8 * $0)) }
    return record(6, ttl: ttl, [2, 0x6E, 0x73, 0] + owner + numbers + last)
  }

  private static let listed =
    header + counts(3) + question + record(5, ttl: 900, owner) + record(1, ttl: 300, [127, 0, 0, 2])
    + record(1, ttl: 200, [127, 0, 0, 4])

  @Test func `addresses are read, with the least of their times`() throws {
    let message = try #require(DNSMessage(Self.listed))
    #expect(message.addresses == [0x7F00_0002, 0x7F00_0004] && message.text == nil && message.timeToLive == 200)
  }

  @Test func `the strings of the first text are joined`() throws {
    let bytes =
      Self.header + Self.counts(2) + Self.question + Self.record(16, ttl: 60, [3] + "see".utf8 + [0, 2] + "it".utf8)
      + Self.record(16, ttl: 60, [1, 0x78])
    let message = try #require(DNSMessage(bytes))
    #expect(message.text == Array("seeit".utf8) && message.timeToLive == 60)
  }

  @Test func `what is not there is so for as long as the zone says`() throws {
    for (ttl, minimum, time) in [(900, 60, 60), (30, 60, 30), (0x8000_0000, 60, 0)] as [(UInt32, UInt32, UInt32)] {
      let bytes = Self.header + Self.counts(0, 1) + Self.question + Self.soa(ttl: ttl, minimum: minimum)
      #expect(try #require(DNSMessage(bytes)).timeToLive == time)
    }
    let silent = try #require(DNSMessage(Self.header + Self.counts(0) + Self.question))
    #expect(silent.timeToLive == nil && silent.addresses.isEmpty)
  }

  @Test func `records of other classes and types say nothing`() throws {
    let bytes =
      Self.header + Self.counts(2) + Self.question + Self.record(1, ttl: 5, [127, 0, 0, 2], class: 3)
      + Self.record(28, ttl: 5, Array(repeating: 0, count: 16))
    #expect(try #require(DNSMessage(bytes)).addresses.isEmpty)
  }

  @Test func `every truncation is refused`() {
    for count in 0..<Self.listed.count { #expect(DNSMessage(Array(Self.listed.prefix(count))) == nil, "\(count)") }
  }

  @Test func `a record of the wrong length, a reserved label and a count too many are refused`() {
    let beginning = Self.header + Self.counts(1) + Self.question
    #expect(DNSMessage(beginning + Self.record(1, ttl: 5, [127, 0, 0])) == nil)
    #expect(DNSMessage(beginning + Self.record(16, ttl: 5, [9, 0x78])) == nil)
    #expect(DNSMessage(Self.header + Self.counts(0, 1) + Self.question + Self.record(6, ttl: 5, [0, 0, 1])) == nil)
    #expect(DNSMessage(Self.header + Self.counts(0) + [0x40, 1] + Self.question) == nil)
    let many = Self.header + [0, 0, 0xFF, 0xFF, 0xFF, 0xFF, 0, 0]
    #expect(DNSMessage(many + Array(repeating: 0, count: 60_000)) == nil)
  }

  @Test func `what is kept is bounded`() throws {
    let text = Self.record(16, ttl: 5, (0..<20).flatMap { _ in [255] + [UInt8](repeating: 0x78, count: 255) })
    let addresses = (0..<200).flatMap { Self.record(1, ttl: 5, [127, 0, 0, $0]) }
    let message = try #require(DNSMessage(Self.header + Self.counts(201) + Self.question + addresses + text))
    #expect(message.addresses.count == DNSMessage.maxAddresses)
    #expect(message.text?.count == DNSMessage.maxTextByteCount)
  }

  @Test(arguments: 1...8 as ClosedRange<UInt64>)
  func `flipped bits and noise trap nothing`(seed: UInt64) {
    var random = SeededGenerator(seed: seed)
    for _ in 0..<20_000 {
      var bytes = Self.listed + Self.soa(ttl: 5, minimum: 5)
      for _ in 0..<Int.random(in: 1...6, using: &random) {
        bytes[Int.random(in: 0..<bytes.count, using: &random)] = UInt8.random(in: 0...255, using: &random)
      }
      guard let message = DNSMessage(bytes) else { continue }
      #expect(message.addresses.count <= DNSMessage.maxAddresses, "seed \(seed)")
    }
  }
}
