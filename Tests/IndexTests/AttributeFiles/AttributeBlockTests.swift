import Bytes
import TestSupport
import Testing

@testable import Index

@Suite struct AttributeBlockTests {
  private static func encode(_ block: AttributeBlock) -> [UInt8] {
    var writer = ByteWriter()
    block.encode(into: &writer)
    return writer.bytes
  }

  private static func rows(_ block: AttributeBlock) -> [AttributeLog.Entry] {
    (0..<block.count).map { AttributeLog.Entry(docID: block.docIDs[$0], attributes: block.attributes($0)) }
  }

  private static func block(_ rows: [AttributeLog.Entry]) -> AttributeBlock {
    var block = AttributeBlock()
    for row in rows { block.append(row.docID, row.attributes) }
    return block
  }

  @Test(arguments: 1...40 as ClosedRange<UInt64>)
  func `random rows come back as they were`(seed: UInt64) throws {
    var random = SeededGenerator(seed: seed)
    var docID = UInt32.random(in: 0...100_000, using: &random)
    let rows = (0..<Int.random(in: 1...AttributeBlock.rowLimit, using: &random)).map { _ in
      docID += UInt32.random(in: 1...(seed % 2 == 0 ? 1 : 5_000), using: &random)
      let isRemoved = Int.random(in: 0..<10, using: &random) < Int(seed % 5)
      return AttributeLog.Entry(docID: docID, attributes: isRemoved ? nil : Self.random(docID, &random))
    }
    let block = Self.block(rows)
    let decoded = try AttributeBlock(decoding: Self.encode(block)[...], after: nil)
    #expect(Self.rows(decoded) == rows, "seed \(seed)")
    #expect(throws: DecodingError.self) {
      try AttributeBlock(decoding: Self.encode(block)[...], after: rows[0].docID)
    }
    var taken = AttributeBlock()
    for row in 0..<decoded.count { taken.append(row, of: decoded) }
    #expect(Self.rows(taken) == rows, "taken over, seed \(seed)")
  }

  static func random(_ docID: UInt32, _ random: inout SeededGenerator) -> DocumentAttributes {
    DocumentAttributes(
      receivedAt: Timestamp(
        rawValue: 1_700_000_000_000 + Int64(docID) * 300_000 - Int64.random(in: 0...5, using: &random)),
      folder: FolderID(rawValue: UInt32.random(in: 1...5, using: &random)),
      flags: IndexFlags(rawValue: UInt8.random(in: 0...15, using: &random)),
      labels: ["", "alpha", "beta", "ä"].filter { _ in Int.random(in: 0..<6, using: &random) == 0 }.sorted(),
      size: UInt64.random(in: 500...60_000, using: &random),
      thread: Bool.random(using: &random) ? docID : UInt32.random(in: 0...docID, using: &random))
  }

  @Test func `the greatest and the least values come back`() throws {
    func extreme(_ date: Int64, _ number: UInt32) -> DocumentAttributes {
      DocumentAttributes(
        receivedAt: Timestamp(rawValue: date), folder: FolderID(rawValue: number),
        flags: IndexFlags(rawValue: number == 0 ? 0 : 0x7F), labels: [], size: UInt64(number), thread: number)
    }
    let dates: [Int64] = [.min, .max, 0, .min, -1, 1, .max, 999, -1_000]
    let rows = dates.enumerated().map { place, date in
      AttributeLog.Entry(docID: UInt32.max - 10 + UInt32(place), attributes: extreme(date, place % 2 == 0 ? 0 : .max))
    }
    let decoded = try AttributeBlock(decoding: Self.encode(Self.block(rows))[...], after: nil)
    #expect(Self.rows(decoded) == rows)
  }

  @Test func `rows of removed documents alone come back`() throws {
    let rows = [3, 4, 9].map { AttributeLog.Entry(docID: $0, attributes: nil) }
    let bytes = Self.encode(Self.block(rows))
    #expect(Self.rows(try AttributeBlock(decoding: bytes[...], after: 2)) == rows)
    #expect(bytes.count < 12)
  }

  @Test func `a mailbox of usual mail takes seven bytes a mail, and one change of one mail thirty`() throws {
    var random = SeededGenerator(seed: 9)
    let folders: [UInt32] = [1, 1, 1, 1, 2, 3]
    let rows = (1...4_000 as ClosedRange<UInt32>).map { docID in
      AttributeLog.Entry(
        docID: docID,
        attributes: DocumentAttributes(
          receivedAt: Timestamp(rawValue: 1_700_000_000_000 + Int64(docID) * 1_800_000 / 1_000 * 1_000),
          folder: FolderID(rawValue: folders.randomElement(using: &random) ?? 1),
          flags: docID % 5 == 0 ? [] : docID % 9 == 0 ? [.isRead, .hasAttachment] : .isRead,
          labels: docID % 30 == 0 ? ["work"] : [], size: UInt64.random(in: 2_000...30_000, using: &random),
          thread: docID % 3 == 0 ? docID - UInt32.random(in: 1...2, using: &random) : docID))
    }
    #expect(Self.encode(Self.block(rows)).count <= rows.count * 7)
    #expect(Self.encode(Self.block([rows[100]])).count <= 30)
  }

  @Test func `what is cut short or altered is an error or other rows, never a trap`() throws {
    var random = SeededGenerator(seed: 3)
    let rows = (1...40 as ClosedRange<UInt32>).map { docID in
      AttributeLog.Entry(docID: docID * 3, attributes: docID % 7 == 0 ? nil : Self.random(docID, &random))
    }
    let bytes = Self.encode(Self.block(rows))
    for count in bytes.indices {
      #expect(throws: DecodingError.self, "\(count) bytes") {
        try AttributeBlock(decoding: bytes[..<count], after: nil)
      }
    }
    for (_, flipped) in flips(of: bytes) {
      guard let block = try? AttributeBlock(decoding: flipped[...], after: nil) else { continue }
      #expect(Self.rows(block).count == block.count)
    }
  }
}
