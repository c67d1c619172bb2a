import Bytes
import TestSupport
import Testing

@testable import Index

@Suite struct UserAttributesBuilderTests {
  /// How the dates of a mailbox lie to its docIDs.
  enum Arrival: CaseIterable { case inOrder, nearlyInOrder, oneFromTheFuture, reversed, random, allAtOnce }

  private static func date(_ docID: UInt32, _ arrival: Arrival, _ random: inout SeededGenerator) -> Int64 {
    switch arrival {
    case .inOrder: Int64(docID) * 1_000
    case .nearlyInOrder: Int64(docID) * 1_000 - (docID % 17 == 0 ? 50_000 : 0)
    case .oneFromTheFuture: docID == 700 ? 1 << 50 : Int64(docID) * 1_000
    case .reversed: -Int64(docID)
    case .random: Int64.random(in: -1_000...1_000, using: &random)
    case .allAtOnce: 5
    }
  }

  private static func newestFirst(_ attributes: UserAttributes) -> [UInt32] {
    var position = attributes.endPosition
    var list: [UInt32] = []
    while let docID = attributes.previous(&position) { list.append(docID.rawValue) }
    return list
  }

  @Test(arguments: Arrival.allCases)
  func `what is built at once is what was set one by one, in the same order`(arrival: Arrival) {
    var random = SeededGenerator(seed: 8)
    var (builder, expected) = (UserAttributesBuilder(), UserAttributes())
    var docID: UInt32 = 0
    for _ in 0..<9_000 {
      docID += docID == 6_000 ? 100_000 : UInt32.random(in: 1...2, using: &random)
      var value = AttributeBlockTests.random(docID, &random)
      value.receivedAt = Timestamp(rawValue: Self.date(docID, arrival, &random))
      builder.append(DocID(rawValue: docID), value)
      expected.set(DocID(rawValue: docID), value)
    }
    var built = builder.finish()
    #expect(built.documents(differingFrom: expected) == [])
    #expect(Self.newestFirst(built) == Self.newestFirst(expected))
    #expect(built.labelNames == expected.labelNames)
    for folder in 0...6 as ClosedRange<UInt32> {
      #expect(built.folder(FolderID(rawValue: folder)) == expected.folder(FolderID(rawValue: folder)))
    }
    // And it goes on like any other.
    for docID in stride(from: UInt32(1), to: 500, by: 3) {
      built.remove(DocID(rawValue: docID))
      expected.remove(DocID(rawValue: docID))
    }
    #expect(built.documents(differingFrom: expected) == [])
    #expect(Self.newestFirst(built) == Self.newestFirst(expected))
  }

  @Test func `numbers without a gap are built as those with gaps are, over the edges of containers too`() {
    var random = SeededGenerator(seed: 9)
    var (builder, expected) = (UserAttributesBuilder(), UserAttributes())
    // Whole blocks without a gap in one folder, then with gaps, then without again in two folders, then in one.
    let docIDs =
      Array(57_000...70_000 as ClosedRange<UInt32>) + stride(from: 70_003, to: 82_000, by: 3)
      + Array(82_001...90_000) + Array(130_000...135_000)
    for docID in docIDs {
      var value = AttributeBlockTests.random(docID, &random)
      value.folder = FolderID(rawValue: (82_001...90_000).contains(docID) ? 1 + docID % 2 : 1)
      if !docID.isMultiple(of: 7) { (value.flags, value.labels) = ([.isRead], []) }
      value.receivedAt = Timestamp(rawValue: Int64(docID))
      builder.append(DocID(rawValue: docID), value)
      expected.set(DocID(rawValue: docID), value)
    }
    let built = builder.finish()
    #expect(built.live.docIDs.map(\.rawValue) == docIDs)
    #expect(built.live == expected.live && built.unread == expected.unread)
    for folder in 1...2 as ClosedRange<UInt32> {
      #expect(built.folder(FolderID(rawValue: folder)) == expected.folder(FolderID(rawValue: folder)))
    }
    #expect(built.documents(differingFrom: expected) == [])
  }

  @Test func `nothing is built of nothing`() {
    var builder = UserAttributesBuilder()
    let built = builder.finish()
    #expect(built.count == 0 && built.live.isEmpty && built.labelNames.isEmpty)
  }
}
