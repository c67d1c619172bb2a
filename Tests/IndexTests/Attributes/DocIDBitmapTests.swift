import Bytes
import Index
import TestSupport
import Testing

@Suite struct DocIDBitmapTests {
  @Test(arguments: [0, 1, 50, 4_000, 9_000])
  func `a probe answers what the set does, up, down and anywhere`(count: Int) {
    var random = SeededGenerator(seed: UInt64(count))
    let set = DocIDBitmap((0..<count).map { _ in DocID(rawValue: .random(in: 0..<200_000, using: &random)) })
    let asked = (0..<2_000).map { _ in DocID(rawValue: .random(in: 0..<200_000, using: &random)) }
    for order in [asked, asked.sorted(), asked.sorted(by: >)] {
      var probe = DocIDProbe(set)
      for docID in order { #expect(probe.contains(docID) == set.contains(docID)) }
    }
  }

  @Test(arguments: 1...6 as ClosedRange<UInt64>)
  func `behaves as a set of numbers under random changes`(seed: UInt64) {
    var random = SeededGenerator(seed: seed)
    var bitmap = DocIDBitmap()
    var model: Set<UInt32> = []
    // Dense and sparse containers, both sides of their border, and their neighbours.
    let ranges: [Range<UInt32>] = [0..<9_000, 65_000..<66_000, 1_000_000..<1_000_200, (UInt32.max - 100)..<UInt32.max]
    for step in 0..<30_000 {
      let range = ranges[Int.random(in: 0..<4, using: &random) * (step % 4 == 0 ? 1 : 0)]
      let value = UInt32.random(in: range, using: &random)
      let removes = step > 12_000 && Int.random(in: 0..<10, using: &random) < 7
      let docID = DocID(rawValue: value)
      if removes {
        #expect(bitmap.remove(docID) == (model.remove(value) != nil), "seed \(seed), step \(step)")
      } else {
        #expect(bitmap.insert(docID) == model.insert(value).inserted, "seed \(seed), step \(step)")
      }
      if step % 997 == 0 { expect(bitmap, equals: model, "seed \(seed), step \(step)") }
    }
    expect(bitmap, equals: model, "seed \(seed)")
  }

  @Test(arguments: 1...20 as ClosedRange<UInt64>)
  func `union, intersection and difference are those of sets`(seed: UInt64) {
    var random = SeededGenerator(seed: seed)
    let (left, leftModel) = Self.random(&random)
    let (right, rightModel) = Self.random(&random)
    expect(left.union(right), equals: leftModel.union(rightModel), "union, seed \(seed)")
    expect(left.intersection(right), equals: leftModel.intersection(rightModel), "intersection, seed \(seed)")
    expect(left.subtracting(right), equals: leftModel.subtracting(rightModel), "difference, seed \(seed)")
    #expect(left.union(right) == right.union(left), "seed \(seed)")
    #expect(left.subtracting(left).isEmpty)
  }

  @Test func `a copy keeps its value when the original changes`() {
    var bitmap = DocIDBitmap((1...10_000).map { DocID(rawValue: $0) })
    let copy = bitmap
    bitmap.remove(DocID(rawValue: 77))
    bitmap.insert(DocID(rawValue: 70_000))
    #expect(copy.contains(DocID(rawValue: 77)))
    #expect(!copy.contains(DocID(rawValue: 70_000)))
    #expect(copy.count == 10_000)
  }

  @Test func `equal sets are equal whatever way they came to be`() {
    var shrunk = DocIDBitmap((1...5_000).map { DocID(rawValue: $0) })
    for value in 4_001...5_000 as ClosedRange<UInt32> { shrunk.remove(DocID(rawValue: value)) }
    #expect(shrunk == DocIDBitmap((1...4_000).map { DocID(rawValue: $0) }))
  }

  private static func random(_ random: inout SeededGenerator) -> (DocIDBitmap, Set<UInt32>) {
    var bitmap = DocIDBitmap()
    var model: Set<UInt32> = []
    for base in [0, 65_536, 200_000] as [UInt32] {
      let span = UInt32.random(in: 10...30_000, using: &random)
      for _ in 0..<Int.random(in: 0...9_000, using: &random) {
        let value = base + UInt32.random(in: 0..<span, using: &random)
        bitmap.insert(DocID(rawValue: value))
        model.insert(value)
      }
    }
    return (bitmap, model)
  }

  private func expect(_ bitmap: DocIDBitmap, equals model: Set<UInt32>, _ what: String) {
    #expect(bitmap.count == model.count, "\(what)")
    #expect(bitmap.docIDs.map(\.rawValue) == model.sorted(), "\(what)")
    #expect(bitmap.first?.rawValue == model.min(), "\(what)")
    #expect(bitmap.isEmpty == model.isEmpty, "\(what)")
  }
}
