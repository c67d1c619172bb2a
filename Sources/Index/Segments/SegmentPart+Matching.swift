package import Analysis
import Bytes

extension SegmentPart {
  /// Calls `body` with the entries of all terms that a matcher wants, in ascending order of the terms.
  /// - Parameter onBlock: called for every block of the dictionary that is read; may throw to stop.
  package func forEachEntry(
    matching matcher: TermMatcher, onBlock: () throws -> Void, _ body: (_ entry: TermEntry) throws -> Void
  ) throws {
    switch matcher {
    case .whole(let term): if let entry = try entry(of: term) { try body(entry) }
    case .beginning(let prefix):
      try forEachEntry(beginningWith: prefix) { _, entry in
        try body(entry)
        return true
      }
    case .part(let matcher): try forEachEntry(holding: matcher, onBlock, body)
    case .near(let automaton): try walk(automaton, onBlock) { try body($1) }
    case .initials(let consonants):
      let bounds = consonants.bounds
      try forEachEntry(from: bounds.lower, upTo: bounds.upper, onBlock) { term, entry in
        if consonants.matches(term.span) { try body(entry) }
      }
    case .stem(let matcher):
      for beginning in matcher.beginnings {
        var count = 0
        try forEachEntry(beginningWith: beginning) { term, entry in
          // As many as stand in some blocks.
          if count % 256 == 0 { try onBlock() }
          count += 1
          if matcher.matches(term.span) { try body(entry) }
          return true
        }
      }
    }
  }

  /// Calls `body` with each term that is near enough to a word, ascending.
  /// - Parameter onBlock: as above.
  package func forEachTerm(
    acceptedBy automaton: NearAutomaton, onBlock: () throws -> Void,
    _ body: (_ term: ArraySlice<UInt8>, _ entry: TermEntry) throws -> Void
  ) throws { try walk(automaton, onBlock, body) }

  /// Calls `body` with each term of a range, ascending.
  private func forEachEntry(
    from lower: [UInt8], upTo upper: [UInt8], _ onBlock: () throws -> Void,
    _ body: (_ term: [UInt8], _ entry: TermEntry) throws -> Void
  ) throws {
    let first = head.firstTerms.lastIndex(notAbove: lower) ?? 0
    for block in first..<head.firstTerms.count {
      try onBlock()
      var reader = try blockReader(block)
      while let entry = try decoding(at: blockOffset(block), { () throws(DecodingError) in try reader.next() }) {
        if !reader.term.precedes(upper) { return }
        if !reader.term.precedes(lower) { try body(reader.term, entry) }
      }
    }
  }

  private func forEachEntry(
    holding matcher: PartMatcher, _ onBlock: () throws -> Void, _ body: (_ entry: TermEntry) throws -> Void
  ) throws {
    var walk = PartWalk(matcher)
    let first = firstWordBlock
    let signatures = walk.signature == nil ? nil : try blockSignatures(from: first, onBlock)
    for block in first..<head.firstTerms.count {
      if let signatures, let part = walk.signature, !signatures.mayHold(part, block: block - first) { continue }
      try onBlock()
      try inBlock(block) { try walk.scan($0, documentLimit: documentCount, body) }
    }
  }

  /// Of the blocks from the first with words on. Reads them all where they are not kept.
  /// - Returns: `nil` where they are too many to be kept: making them is dearer than one search without them.
  private func blockSignatures(from first: Int, _ onBlock: () throws -> Void) throws -> BlockSignatures? {
    let key = PartKey(file: segment.number, user: UserID(rawValue: fence.user))
    if let known = segment.signatures.value(for: key) { return known }
    let count = head.firstTerms.count - first
    guard segment.signatures.keeps(count * BlockSignatures.byteCount) else { return nil }
    var signatures = BlockSignatures(blockCount: count)
    var terms = TermBuffer()
    for block in first..<head.firstTerms.count {
      try onBlock()
      try inBlock(block) { bytes in
        try terms.forEachTerm(
          of: bytes, documentLimit: documentCount,
          where: { term, shared in
            signatures.insert(term, from: shared, block: block - first)
            return false
          }, { _ in })
      }
    }
    segment.signatures.insert(signatures, for: key, byteCount: signatures.byteCount)
    return signatures
  }

  /// The `Message-ID:` terms stand before all others, are as many as there are mails, and no word is among them.
  private var firstWordBlock: Int { head.firstTerms.lastIndex(notAbove: [Inverter.messageIDPrefix + 1]) ?? 0 }

  private func inBlock(_ block: Int, _ body: (ArraySlice<UInt8>) throws -> Void) throws {
    do {
      try body(dictionaryBlock(block))
    } catch let error as DecodingError {
      throw IndexError.corrupt(segment.path, at: blockOffset(block) + UInt64(error.offset), error.message)
    }
  }

  private func walk(
    _ automaton: some TermAutomaton, _ onBlock: () throws -> Void,
    _ body: (_ term: ArraySlice<UInt8>, _ entry: TermEntry) throws -> Void
  ) throws {
    var walk = DictionaryWalk(automaton)
    var block = firstWordBlock
    while block < head.firstTerms.count {
      try onBlock()
      try inBlock(block) { try walk.scan($0, documentLimit: documentCount, body) }
      switch walk.next {
      case .nextBlock: block += 1
      case .block(let term): block = max(block + 1, head.firstTerms.lastIndex(notAbove: term) ?? 0)
      case .nowhere: return
      }
    }
  }
}
