import Bytes
import Crypto
import Dictionaries
import Foundation
import TestSupport
import Testing

@testable import MailStore

struct PackDictionariesTests {
  /// A mail of the usual kind, of words that no dictionary has whole.
  private func text(_ byteCount: Int) -> [UInt8] {
    let header =
      "Received: from mx1.example.com (mx1.example.com [192.0.2.7])\r\n\tby mail.example.org (Postfix) with ESMTPS id 4F2A\r\n"
      + "From: Dana <dana@example.net>\r\nTo: erin@example.org\r\nSubject: Tides\r\nMIME-Version: 1.0\r\n"
      + "Content-Type: text/plain; charset=UTF-8\r\n\r\n"
    let body = (0..<byteCount / 8).map { "word\($0 * 7_919 % 1_000) " }.joined()
    return Array(Array((header + body).utf8).prefix(byteCount))
  }

  private func frame(_ record: PackRecord) -> (header: PackFrame.Header, bytes: [UInt8])? {
    let encoded = EncodedFrame(record)
    var writer = ByteWriter()
    encoded.encode(into: &writer, at: 1_024, batchStart: 1_024, salt: 7)
    let bytes = Array(writer.bytes.prefix(Int(encoded.byteCount)))
    guard let header = try? PackFrame.Header(bytes[...], at: 1_024, salt: 7) else { return nil }
    return (header, bytes)
  }

  /// A dictionary that changes makes every frame unreadable that was stored with it: make a new one with the next id.
  @Test func `a dictionary that shipped never changes`() {
    let shipped: [(id: UInt32, byteCount: Int, sha256: String)] = [
      (33_025, 32_768, "cabb2c267e00bbc5556ca645b6d78b97f46781c004b91daa9bb72ff2cc8b410b")
    ]
    #expect(OriginalDictionaryFiles.originals.count == shipped.count)
    for (bytes, expected) in zip(OriginalDictionaryFiles.originals, shipped) {
      let hash = SHA256.hash(data: bytes).map { String(UInt16($0) + 256, radix: 16).dropFirst() }.joined()
      #expect(bytes.count == expected.byteCount && hash == expected.sha256, "dictionary \(expected.id)")
    }
    #expect(PackDictionaries.all.map(\.id) == shipped.map(\.id))
  }

  @Test func `small mails are compressed with the dictionary, large ones and other records are not`() throws {
    for (kind, byteCount, expected) in [
      (PackRecord.Kind.original, 2_000, PackFrame.Encoding.zstdWithDictionary),
      (.received, 2_000, .zstdWithDictionary), (.original, 16 << 10, .zstd), (.recipe, 2_000, .zstd),
      (.attachment, 2_000, .zstd), (.original, 63, .raw),
    ] {
      let record = PackRecord(kind: kind, bytes: text(byteCount))
      let (header, bytes) = try #require(frame(record))
      #expect(header.encoding == expected.rawValue, "\(kind) of \(byteCount)")
      #expect(try PackRecord.decode(frame: bytes[...], at: 1_024, salt: 7, limit: 1 << 20) == record)
    }
  }

  @Test func `the dictionary saves what mails have in common`() throws {
    let bytes = text(1_000)
    let with = try #require(frame(PackRecord(kind: .original, bytes: bytes))).bytes.count
    let without = try #require(frame(PackRecord(kind: .recipe, bytes: bytes))).bytes.count
    #expect(Double(with) < 0.9 * Double(without), "\(with) and \(without) bytes")
  }

  @Test func `a frame with a dictionary of a later build says so, and harms no other`() throws {
    let plain = text(500)
    var payload = Zstd.compress(plain, with: PackDictionaries.all[0])
    // The id, as the frame header has it: two bytes behind magic number and descriptor.
    payload[5] &+= 1
    let header = PackFrame.Header(
      frameByteCount: UInt32(24 + payload.count), kind: PackRecord.Kind.original.rawValue,
      encoding: PackFrame.Encoding.zstdWithDictionary.rawValue, batchOffset: 0,
      payloadChecksum: CRC32C.checksum(payload), plainByteCount: UInt32(plain.count))
    var writer = ByteWriter()
    header.encode(into: &writer, at: 1_024, salt: 7)
    writer.write(payload)
    let damage = #expect(throws: PackFrame.Damage.self) {
      try PackRecord.decode(frame: writer.bytes[...], at: 1_024, salt: 7, limit: 1 << 20)
    }
    #expect(damage?.found.contains("a newer build may have") == true, "\(String(describing: damage))")
  }

  @Test func `a dictionary frame with lying sizes or cut bytes is damage, never a trap`() {
    let plain = text(500)
    let whole = Zstd.compress(plain, with: PackDictionaries.all[0])
    for (payload, claimed) in [
      (whole, 499), (whole, 0), ([], 500), (Array(whole.prefix(3)), 500), (Array(whole.dropLast()), 500),
    ] {
      let header = PackFrame.Header(
        frameByteCount: UInt32(24 + payload.count), kind: PackRecord.Kind.original.rawValue, encoding: 2,
        batchOffset: 0,
        payloadChecksum: CRC32C.checksum(payload), plainByteCount: UInt32(claimed))
      #expect(throws: PackFrame.Damage.self) { try PackRecord(header: header, payload: payload[...], limit: 1 << 20) }
    }
  }
}
