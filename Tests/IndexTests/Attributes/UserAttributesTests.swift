import Bytes
import TestSupport
import Testing

@testable import Index

@Suite struct UserAttributesTests {
  @Test(arguments: 1...4 as ClosedRange<UInt64>)
  func `attributes and the order by date follow random changes`(seed: UInt64) {
    var random = SeededGenerator(seed: seed)
    var attributes = UserAttributes()
    var model: [DocID: DocumentAttributes] = [:]
    for step in 1...4_000 {
      let docID = DocID(rawValue: UInt32.random(in: 1...3_000, using: &random))
      if Int.random(in: 0..<10, using: &random) < 2 {
        attributes.remove(docID)
        model[docID] = nil
      } else {
        let value = Self.random(&random)
        attributes.set(docID, value)
        model[docID] = value
      }
      if step % 500 == 0 { expect(attributes, equals: model, "seed \(seed), step \(step)") }
    }
  }

  @Test func `loading gives what applying one by one gives`() {
    var random = SeededGenerator(seed: 5)
    let documents = (1...2_000).map { (DocID(rawValue: UInt32($0)), Self.random(&random)) }
    var applied = UserAttributes()
    for (docID, value) in documents { applied.set(docID, value) }
    let loaded = UserAttributes(documents.shuffled(using: &random))
    #expect(newestFirst(loaded) == newestFirst(applied))
    expect(loaded, equals: Dictionary(uniqueKeysWithValues: documents), "loaded")
  }

  @Test func `a copy keeps its values and its order when the original changes`() {
    var random = SeededGenerator(seed: 6)
    var attributes = UserAttributes((1...3_000).map { (DocID(rawValue: $0), Self.random(&random)) })
    let copy = attributes
    let before = newestFirst(copy)
    for docID in 1...3_500 as ClosedRange<UInt32> { attributes.set(DocID(rawValue: docID), Self.random(&random)) }
    for docID in 1...100 as ClosedRange<UInt32> { attributes.remove(DocID(rawValue: docID)) }
    #expect(newestFirst(copy) == before)
    #expect(copy.count == 3_000)
  }

  @Test func `a position is the first document at or after a key`() {
    var random = SeededGenerator(seed: 7)
    let attributes = UserAttributes((1...1_500).map { (DocID(rawValue: $0), Self.random(&random)) })
    let keys = Array(newestFirst(attributes).reversed())
    for index in stride(from: 0, to: keys.count, by: 37) {
      var position = attributes.position(of: keys[index])
      #expect(attributes.count(in: attributes.startPosition..<position) == index)
      #expect(attributes.next(&position) == keys[index].docID)
      #expect(attributes.next(&position) == (index + 1 < keys.count ? keys[index + 1].docID : nil))
    }
  }

  private static func random(_ random: inout SeededGenerator) -> DocumentAttributes {
    DocumentAttributes(
      receivedAt: Timestamp(rawValue: Int64.random(in: -50..<200, using: &random)),
      folder: FolderID(rawValue: UInt32.random(in: 1...4, using: &random)),
      flags: IndexFlags(rawValue: UInt8.random(in: 0..<16, using: &random)),
      labels: ["a", "b", "c"].filter { _ in Bool.random(using: &random) },
      size: UInt64.random(in: 0..<10_000, using: &random), thread: UInt32.random(in: 1...99, using: &random))
  }

  private func newestFirst(_ attributes: UserAttributes) -> [DocumentKey] {
    var keys: [DocumentKey] = []
    var position = attributes.endPosition
    while let docID = attributes.previous(&position) { keys.append(attributes.key(docID)) }
    return keys
  }

  private func expect(_ attributes: UserAttributes, equals model: [DocID: DocumentAttributes], _ what: String) {
    #expect(attributes.count == model.count, "\(what)")
    for (docID, expected) in model { #expect(attributes.attributes(of: docID) == expected, "\(what), \(docID)") }
    let keys = model.map { DocumentKey(receivedAt: $1.receivedAt, docID: $0) }.sorted(by: >)
    #expect(newestFirst(attributes) == keys, "\(what)")
    #expect(attributes.unread.count == model.values.count { !$0.flags.contains(.isRead) }, "\(what)")
    #expect(attributes.label("b").count == model.values.count { $0.labels.contains("b") }, "\(what)")
    for folder in 1...4 as ClosedRange<UInt32> {
      let expected = model.filter { $0.value.folder.rawValue == folder }.keys.sorted()
      #expect(attributes.folder(FolderID(rawValue: folder)).docIDs == expected, "\(what)")
    }
  }
}
