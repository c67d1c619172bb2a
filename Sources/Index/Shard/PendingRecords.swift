import Bytes

/// The documents of a user that no segment holds yet: the newest few, or all of a mailbox that was just imported. Which of
/// them may hold a term is known by the filters of their blocks.
package struct PendingRecords: Sendable {
  private struct Block {
    let head: RunBlockHead
    let active: UInt32
  }

  private let blocks: [Block]
  private let arenas: [UserArena]
  /// Documents of blocks whose filter cannot be asked: of another analyzer version, or written without one.
  private let unfiltered: DocIDBitmap
  /// Those that have a record.
  package let documents: DocIDBitmap
  private let wanted: DocIDBitmap
  /// Those that are in runs.
  private let flushed: DocIDBitmap

  /// - Parameter wanted: the documents to look for.
  init(_ wanted: DocIDBitmap, arenas: [UserArena], runs: RunRecords, analyzerHash: UInt64) throws {
    self.wanted = wanted
    self.arenas = arenas
    var inArenas = DocIDBitmap()
    for arena in arenas { arena.forEach { docID, _ in inArenas.insert(docID) } }
    var blocks: [Block] = []
    var found: [UInt32] = []
    var unfiltered: [UInt32] = []
    try runs.forEachBlock(holding: wanted.subtracting(inArenas)) { block, active in
      let isUsable = block.run.analyzerHash == analyzerHash && block.head.filter != nil
      if isUsable { blocks.append(Block(head: block.head, active: active)) }
      for (index, docID) in block.head.docIDs.enumerated() where active & 1 << UInt32(index) != 0 {
        found.append(docID)
        if !isUsable { unfiltered.append(docID) }
      }
    }
    self.blocks = blocks
    self.unfiltered = DocIDBitmap(unordered: unfiltered)
    flushed = DocIDBitmap(unordered: found)
    documents = flushed.union(inArenas.intersection(wanted))
  }

  /// Memory that the heads of blocks take, roughly.
  var byteCount: Int {
    blocks.reduce(documents.byteCount + flushed.byteCount + wanted.byteCount + unfiltered.byteCount) {
      $0 + $1.head.byteCount
    }
  }

  /// The documents in which a term may begin with one of these: of runs all, whose filters know whole terms only.
  package func candidates(beginningWith beginnings: [[UInt8]]) -> DocIDBitmap {
    var candidates = flushed
    for arena in arenas {
      arena.forEach(beginningWith: beginnings) { docID in
        if wanted.contains(docID) { candidates.insert(docID) }
      }
    }
    return candidates
  }

  /// The documents that may hold the term: all that do, and few others.
  package func candidates(for termHash: UInt32) -> DocIDBitmap {
    var candidates = unfiltered
    for block in blocks {
      guard let filter = block.head.filter else { continue }
      var rest = filter.documents(for: termHash) & block.active
      while rest != 0 {
        candidates.insert(DocID(rawValue: block.head.docIDs[rest.trailingZeroBitCount]))
        rest &= rest - 1
      }
    }
    // Where a record came anew, that of an older arena may say yes in vain.
    for arena in arenas {
      arena.forEach(holding: termHash) { docID in
        if wanted.contains(docID) { candidates.insert(docID) }
      }
    }
    return candidates
  }
}
