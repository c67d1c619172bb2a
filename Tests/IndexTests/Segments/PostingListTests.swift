import Analysis
import Bytes
import TestSupport
import Testing

@testable import Index

@Suite struct PostingListTests {
  /// A list on a disk, in a part of so many documents.
  private func part(_ lists: [(term: String, ordinals: [UInt32], masks: [UInt16])], documents: Int) throws
    -> SegmentPart
  {
    let disk = CrashableFileSystem()
    try disk.createDirectory("d")
    var writer = try SegmentWriter(fileSystem: disk, directory: "d", number: 7, analyzerHash: 1)
    writer.beginPart(of: UserID(rawValue: 3), docIDs: (0..<UInt32(documents)).reversed())
    for (term, ordinals, masks) in lists { try writer.append(Array(term.utf8), TermPostings(ordinals, masks)) }
    try writer.endPart(ColumnBuilder(count: documents))
    _ = try writer.finish()
    let reader = try SegmentReader(
      fileSystem: disk, directory: "d", number: 7, caches: IndexCaches(byteCount: 1 << 22))
    return try SegmentPart(reader, try #require(reader.fences.part(of: UserID(rawValue: 3))))
  }

  private func randomList(_ random: inout SeededGenerator, _ count: Int, of documents: Int) -> ([UInt32], [UInt16]) {
    let ordinals = (0..<UInt32(documents)).shuffled(using: &random).prefix(count).sorted()
    let kinds = [1, 2, 3, 17, 300].randomElement(using: &random) ?? 1
    return (ordinals, ordinals.map { _ in UInt16.random(in: 1...UInt16(kinds), using: &random) })
  }

  @Test(arguments: [1, 2, 127, 128, 129, 255, 256, 257, 5_000])
  func `a list is read as it was written, whole, by steps and by leaps`(count: Int) throws {
    var random = SeededGenerator(seed: UInt64(count))
    for documents in [count, count * 3, count * 100] {
      let (ordinals, masks) = randomList(&random, count, of: documents)
      let part = try part([("a", ordinals, masks)], documents: documents)
      let entry = try #require(try part.entry(of: Array("a".utf8)))
      #expect(entry.documentCount == count)
      var walked: [UInt32] = []
      var walkedMasks: [UInt16] = []
      var cursor = try part.postings(of: entry)
      while cursor.ordinal != PostingCursor.end {
        walked.append(cursor.ordinal)
        walkedMasks.append(try cursor.mask())
        try cursor.next()
      }
      #expect(walked == ordinals && walkedMasks == masks)
      var postings = TermPostings()
      var again = try part.postings(of: entry)
      while again.ordinal != PostingCursor.end {
        let (counts, positions) = try again.allOccurrences()
        postings.append(again.ordinal, mask: try again.mask(), counts: counts, positions: positions)
        try again.next()
      }
      #expect(postings == TermPostings(ordinals, masks))
      for fields in [1, 2, 4, UInt16.max] as [UInt16] {
        var found: [UInt32] = []
        var some = try PostingCursor(part, entry, fields: fields)
        while some.ordinal != PostingCursor.end {
          found.append(some.ordinal)
          let own = TermPostings([some.ordinal], [try some.mask() & 1])
          var positions = PositionList()
          try some.appendPositions(in: .subject, to: &positions)
          #expect(positions.positions == own.positions[...])
          try some.next()
        }
        #expect(found == zip(ordinals, masks).filter { $1 & fields != 0 }.map(\.0))
      }
      for fields in [1, 3, UInt16.max] as [UInt16] {
        let own = zip(ordinals, masks).filter { $1 & fields != 0 }.map(\.0)
        for _ in 0..<5 {
          let (start, end) = (
            UInt32.random(in: 0..<UInt32(documents), using: &random),
            UInt32.random(in: 0...UInt32(documents), using: &random)
          )
          var counting = try PostingCursor(part, entry, fields: fields)
          try counting.advance(to: start)
          #expect(try counting.count(below: end) == own.count { $0 >= start && $0 < end })
          #expect(counting.ordinal == PostingCursor.end || counting.ordinal >= end)
        }
      }
      let union = masks.reduce(0, |)
      for fields in [1, 2, 3, 4, 1 << 15, UInt16.max] as [UInt16] {
        var some = try PostingCursor(part, entry, fields: fields)
        try some.advance(to: .random(in: 0..<UInt32(documents), using: &random))
        let own = masks.count { $0 & fields != 0 }
        // More fields than one may hold the term in one document, so only a walk tells.
        let isTold = count > PostingBlock.limit && (union & fields == union || (union & fields).nonzeroBitCount < 2)
        #expect(try some.total() == (isTold ? own : nil))
        // The cursor goes on as if nobody had asked.
        let place = some.ordinal
        #expect(place == zip(ordinals, masks).first { $0.0 >= place && $0.1 & fields != 0 }?.0 ?? PostingCursor.end)
        if place == PostingCursor.end { continue }
        try some.next()
        #expect(
          some.ordinal == zip(ordinals, masks).first { $0.0 > place && $0.1 & fields != 0 }?.0 ?? PostingCursor.end)
      }
      for fields in [1, 3, UInt16.max] as [UInt16] {
        let own = zip(ordinals, masks).filter { $1 & fields != 0 }.map(\.0)
        var filling = try PostingCursor(part, entry, fields: fields)
        var window = OrdinalWindow()
        var filled: [UInt32] = []
        let end = UInt32.random(in: 0...UInt32(documents), using: &random)
        while filling.ordinal < end {
          window.reset(from: filling.ordinal, below: end, of: documents)
          try filling.fill(&window)
          window.filter { ordinal in
            filled.append(ordinal)
            return true
          }
          #expect(filling.ordinal >= window.end && window.count <= OrdinalWindow.limit)
        }
        #expect(filled == own.filter { $0 < end })
        #expect(filling.ordinal == own.first { $0 >= end } ?? PostingCursor.end)
      }
      var target: UInt32 = 0
      let wanted = zip(ordinals, masks).filter { $1 & 3 != 0 }.map(\.0)
      var leaping = try part.postings(of: entry)
      var some = try PostingCursor(part, entry, fields: 3)
      while target < UInt32(documents) {
        try leaping.advance(to: target)
        try some.advance(to: target)
        #expect(leaping.ordinal == ordinals.first { $0 >= target } ?? PostingCursor.end)
        #expect(some.ordinal == wanted.first { $0 >= target } ?? PostingCursor.end)
        target += .random(in: 1...UInt32(max(1, documents / 9)), using: &random)
      }
    }
  }

  @Test func `a term that is written with less shared than there is is damage, not a term that is not found`() {
    // "ab" and "abc", the second as if it shared nothing; each in document 0, field 1, at 0.
    let block: [UInt8] = [0, 0, 2, 97, 98, 1, 0, 1, 0, 0, 3, 97, 98, 99, 1, 0, 1, 0]
    #expect(throws: DecodingError.self) {
      var reader = try TermDictionary.BlockReader(block[...], documentLimit: 1)
      _ = try reader.next()
      _ = try reader.next()
    }
  }

  @Test func `terms are found by themselves and by their beginnings`() throws {
    var random = SeededGenerator(seed: 5)
    let terms = Set(
      (0..<3_000).map { _ in
        String((0..<Int.random(in: 1...9, using: &random)).map { _ in "abcé한".randomElement(using: &random)! })
      }
    ).sorted { Array($0.utf8).precedes(Array($1.utf8)) }
    let part = try part(terms.enumerated().map { ($1, [UInt32($0)], [3]) }, documents: terms.count)
    #expect(part.head.firstTerms.count > 3, "more than a block or two")
    for (index, term) in terms.enumerated() {
      let posting = LonePosting(TermPostings([UInt32(index)], [3]))
      #expect(try part.entry(of: Array(term.utf8))?.postings == .lone(posting))
    }
    for (asked, shape) in [
      ("b", .part), ("bc", .part), ("한", .part), ("zz", .part), ("abc", .near(1)), ("é한ab", .near(1)),
      ("aéa", .near(2)),
      ("xyz", .near(1)), ("caabcéb", .near(2)),
    ] as [(String, TermShape)] {
      let matcher = TermMatcher(Array(asked.utf8), shape)
      var found: [UInt32] = []
      try part.forEachEntry(matching: matcher, onBlock: {}) { entry in
        if case .lone(let posting) = entry.postings { found.append(posting.ordinal) }
      }
      let expected = terms.indices.filter { matcher.matches(Array(terms[$0].utf8).span) }.map(UInt32.init)
      #expect(found == expected, "\(asked) \(shape)")
    }
    for absent in ["", "A", "abx", "zz", "\u{1}", "한한한한한한한한한한"] where !terms.contains(absent) {
      #expect(try part.entry(of: Array(absent.utf8)) == nil, "\(absent)")
    }
    for prefix in ["", "a", "ab", "abc", "é", "한a", "z", "A", terms[1_000]] {
      var found: [[UInt8]] = []
      try part.forEachEntry(beginningWith: Array(prefix.utf8)) { term, _ in
        found.append(term)
        return true
      }
      #expect(found == terms.map { Array($0.utf8) }.filter { $0.starts(with: Array(prefix.utf8)) }, "\(prefix)")
    }
    try part.verify()
  }

  @Test func `a part is found in all blocks that hold it, and few others are read`() throws {
    var random = SeededGenerator(seed: 8)
    let letters = "abcdefghijklmnopqrstuvwxyzé한"
    func word(_ lengths: ClosedRange<Int>) -> String {
      String((0..<Int.random(in: lengths, using: &random)).map { _ in letters.randomElement(using: &random)! })
    }
    let terms = Set((0..<6_000).map { _ in word(1...9) }).sorted { Array($0.utf8).precedes(Array($1.utf8)) }
    let part = try part(terms.enumerated().map { ($1, [UInt32($0)], [3]) }, documents: terms.count)
    var (blocks, searches) = (0, 0)
    for _ in 0..<200 {
      // Of some term, or of none.
      let whole = Bool.random(using: &random) ? word(3...5) : terms.randomElement(using: &random)!
      let asked = Array(whole.utf8).suffix(Int.random(in: 2...6, using: &random))
      let matcher = TermMatcher(Array(asked), .part)
      var found: [UInt32] = []
      var read = 0
      try part.forEachEntry(matching: matcher, onBlock: { read += 1 }) { entry in
        if case .lone(let posting) = entry.postings { found.append(posting.ordinal) }
      }
      #expect(
        found == terms.indices.filter { matcher.matches(Array(terms[$0].utf8).span) }.map(UInt32.init), "\(asked)")
      if asked.count >= 4 { (blocks, searches) = (blocks + read, searches + 1) }
    }
    #expect(searches > 50)
    #expect(blocks < searches * part.head.firstTerms.count / 4, "\(blocks) blocks in \(searches) searches")
  }

  @Test func `a word that is looked for by a part of it is not looked for among the Message-IDs`() throws {
    let words = (0..<300).map { "word\($0)x" }.sorted()
    let ids = (0..<1_000).map { "\u{0}\($0)word@host.example" }.sorted()
    let part = try part((ids + words).map { ($0, [0, 1], [1, 1]) }, documents: 2)
    let wordBlocks = part.head.firstTerms.count - (part.head.firstTerms.lastIndex(notAbove: [1]) ?? 0)
    #expect(wordBlocks > 2 && part.head.firstTerms.count > 3 * wordBlocks)
    func count(_ asked: String) throws -> (blocks: Int, entries: Int) {
      var (blocks, entries) = (0, 0)
      try part.forEachEntry(matching: TermMatcher(Array(asked.utf8), .part), onBlock: { blocks += 1 }) { _ in
        entries += 1
      }
      return (blocks, entries)
    }
    // Once for what stands in each block, and once for the words.
    let first = try count("ord").blocks
    let (blocks, entries) = try count("ord")
    #expect(first == 2 * wordBlocks && blocks == wordBlocks)
    let nowhere = try count("zyxwvutq").blocks
    #expect(nowhere < wordBlocks / 2)
    // Those that share a block with the first words cost no more than to be passed over, and are in none of the fields.
    #expect(entries >= words.count && entries < words.count + 100)
  }
}
