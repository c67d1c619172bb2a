import Bytes
import Testing

@testable import MailStore

struct InboundEnvelopeTests {
  @Test func `an envelope without notifications is written as it always was`() throws {
    #expect(encoded(plain) == golden)
    #expect(try decoded(golden) == plain)
  }

  @Test func `what is wanted of notifications follows the recipients`() throws {
    let bytes = encoded(wanting)
    let flags = golden.count - 12
    #expect(Array(bytes[..<flags]) == Array(golden[..<flags]))
    #expect(bytes[flags] == golden[flags] | 4)
    #expect(Array(bytes[(flags + 1)..<golden.count]) == Array(golden[(flags + 1)...]))
    #expect(Array(bytes[golden.count...]) == [4, 1, 1, 0x51] + [5, 1, 3, 0x61, 0x3B, 0x62] + [255, 0])
    #expect(try decoded(bytes) == wanting)
  }

  @Test(
    arguments: [nil, [], .success, .failure, .delay, [.success, .failure, .delay]] as [InboundRecipient.Occasions?])
  func `every wish is read as it was written`(occasions: InboundRecipient.Occasions?) throws {
    for content in [nil, .full, .headers] as [InboundEnvelope.ReturnedContent?] {
      for text in [nil, "", "ü;x"] as [String?] {
        let envelope = envelope(content, text, [InboundRecipient(address: "a", user: user, occasions: occasions)])
        #expect(try decoded(encoded(envelope)) == envelope)
      }
    }
  }

  @Test func `an envelope that was cut is an error`() {
    for bytes in [golden, encoded(wanting)] {
      for count in 0..<bytes.count { #expect(throws: DecodingError.self) { try decoded(Array(bytes[..<count])) } }
    }
  }

  @Test(arguments: [(0, 0 as UInt8), (0, 1), (0, 5), (1, 2), (4, 8), (4, 254), (5, 2)])
  func `a wish that there is not is an error`(offset: Int, byte: UInt8) {
    var bytes = encoded(wanting)
    bytes[golden.count + offset] = byte
    #expect(throws: DecodingError.self) { try decoded(bytes) }
  }

  @Test(arguments: [true, false])
  func `a judgement that came before acceptance stands last`(hasWishes: Bool) throws {
    var judged = hasWishes ? wanting : plain
    let before = encoded(judged)
    judged.judgement = MailJudgement(verdict: Sample.verdict, fields: "X-Spam: yes\r\n")
    let bytes = encoded(judged)
    #expect(try decoded(bytes) == judged)
    #expect(bytes[before.count] == 5, "what builds that know none take for a kind of content that there is not")
    for count in before.count..<bytes.count {
      #expect(throws: DecodingError.self) { try decoded(Array(bytes[..<count])) }
    }
  }

  /// They would take the wishes for content, and give up a spool that an acknowledged mail is in.
  @Test(
    arguments: [nil, .full, .headers] as [InboundEnvelope.ReturnedContent?],
    [.inline([]), .spooled(SpoolReference(number: 1, byteCount: 2, sha256: Array(repeating: 3, count: 32)))]
      as [ReceivedContent])
  func `builds that know no wishes do not misread a record that has some`(
    returned: InboundEnvelope.ReturnedContent?, content: ReceivedContent
  ) throws {
    let recipient = InboundRecipient(address: "b@e", user: user, occasions: .failure)
    let record = ReceivedRecord(envelope: envelope(returned, "Q", [recipient]), content: content)
    #expect(try ReceivedRecord(record.record.bytes) == record)
    #expect(try kindOfContentBeforeWishes(record.record.bytes) > 1)
    let plain = ReceivedRecord(envelope: plain, content: content)
    #expect(try kindOfContentBeforeWishes(plain.record.bytes) <= 1)
  }

  /// How records were read before there were wishes: whatever the flags say, the byte after the recipients is the kind of
  /// the content, 0 or 1, and any other an error.
  private func kindOfContentBeforeWishes(_ bytes: [UInt8]) throws -> UInt8 {
    var reader = ByteReader(bytes)
    _ = try reader.readSignedVarint()
    for _ in 0..<4 { _ = try reader.readString() }
    _ = try reader.readUInt8()
    for _ in 0..<(try reader.readCount()) {
      _ = try reader.readVarint()
      _ = try reader.readString()
    }
    return try reader.readUInt8()
  }

  private let user = UserID(rawValue: 7)

  private var plain: InboundEnvelope {
    envelope(nil, nil, ["b@e", "c@e"].map { InboundRecipient(address: $0, user: user) })
  }

  private var wanting: InboundEnvelope {
    envelope(
      .headers, "Q",
      [
        InboundRecipient(address: "b@e", user: user, occasions: [.success, .delay], originalRecipient: "a;b"),
        InboundRecipient(address: "c@e", user: user),
      ])
  }

  private func envelope(
    _ content: InboundEnvelope.ReturnedContent?, _ envelopeID: String?, _ recipients: [InboundRecipient]
  ) -> InboundEnvelope {
    InboundEnvelope(
      receivedAt: Timestamp(rawValue: 5), clientAddress: "::1", heloName: "h", protocolName: "ESMTP",
      reversePath: "a@e",
      recipients: recipients, needsUTF8: true, is8Bit: true, returnedContent: content, envelopeID: envelopeID)
  }

  /// Time, client, hello, protocol, reverse path, flags, two recipients.
  private let golden: [UInt8] =
    [10, 3, 0x3A, 0x3A, 0x31, 1, 0x68, 5, 0x45, 0x53, 0x4D, 0x54, 0x50, 3, 0x61, 0x40, 0x65, 3, 2]
    + [7, 3, 0x62, 0x40, 0x65] + [7, 3, 0x63, 0x40, 0x65]

  private func encoded(_ envelope: InboundEnvelope) -> [UInt8] {
    var writer = ByteWriter()
    envelope.encode(into: &writer)
    return writer.bytes
  }

  private func decoded(_ bytes: [UInt8]) throws -> InboundEnvelope {
    var reader = ByteReader(bytes)
    return try InboundEnvelope(from: &reader)
  }
}
